"""A data-sharing gateway between government systems: one signed question, one decision per material, with proof."""

__version__ = "0.1.0"
