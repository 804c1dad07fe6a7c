"""Running studies: one notebook at a time, sealed whole or not at all."""
