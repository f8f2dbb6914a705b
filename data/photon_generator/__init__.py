"""The generative network behind `data/photons_generated.hdf5`; `../train_photon_generator.py` runs it."""
