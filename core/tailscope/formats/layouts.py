"""The layouts of named arrays that tailscope knows: a new one is one module and one entry here."""

from __future__ import annotations

from . import bare_jets, calochallenge, calogan, dimuon, jetnet, momenta, stored_columns, toptagging
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
        "top tagging's jets (columns E_0, PX_0, PY_0, PZ_0, ...)",
        toptagging.TopTagging.domain,
        toptagging.likeness,
        toptagging.TopTagging,
    ),
    ArrayFormat(
        "Z+jets events (momenta, or a pandas table of 20 columns)",
        momenta.Momenta.domain,
        momenta.likeness,
        momenta.Momenta,
    ),
    ArrayFormat("jets (particle_features)", jetnet.JetNet.domain, jetnet.likeness, jetnet.JetNet),
    ArrayFormat(
        "jets' constituents in one array (N, P, 3 or 4)",
        jetnet.JetNet.domain,
        bare_jets.likeness,
        bare_jets.open_bare,
    ),
    ArrayFormat(
        "a table (columns of shape (N,))",
        stored_columns.StoredColumns.domain,
        stored_columns.likeness,
        stored_columns.StoredColumns,
    ),
)

OWN_DOMAINS = {*(f.domain for f in ARRAY_FORMATS), dimuon.Dimuon.domain}
