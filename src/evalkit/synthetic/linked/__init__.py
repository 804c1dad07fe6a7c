"""Linked made-up tables on trusts, wards, patients, staff and carers, with known truth."""
