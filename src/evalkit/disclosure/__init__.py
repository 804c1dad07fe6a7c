"""Disclosure control: rules, suppression, scan and release."""
