"""Write the schemas that ship with the package."""

from . import write

write()
