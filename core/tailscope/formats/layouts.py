"""The layouts of named arrays that tailscope knows: a new one is one module and one entry here."""

from __future__ import annotations

from . import calochallenge, calogan, dimuon, jetnet, momenta, stored_columns
from .arrays import ArrayFormat

ARRAY_FORMATS = (
    ArrayFormat(
        "CaloGAN showers (energy, layer_0, layer_1, layer_2)",
        calogan.CaloGAN.domain,
        calogan.likeness,
        calogan.CaloGAN,
    ),
    ArrayFormat(
        "CaloChallenge showers (incident_energies, showers)",
        calochallenge.CaloChallenge.domain,
        calochallenge.likeness,
        calochallenge.CaloChallenge,
    ),
    ArrayFormat(
        "Z+jets events (momenta, or a pandas table of 20 columns)",
        momenta.Momenta.domain,
        momenta.likeness,
        momenta.Momenta,
    ),
    ArrayFormat("jets (particle_features)", jetnet.JetNet.domain, jetnet.likeness, jetnet.JetNet),
    ArrayFormat(
        "a table (columns of shape (N,))",
        stored_columns.StoredColumns.domain,
        stored_columns.likeness,
        stored_columns.StoredColumns,
    ),
)

OWN_DOMAINS = {*(f.domain for f in ARRAY_FORMATS), dimuon.Dimuon.domain}
