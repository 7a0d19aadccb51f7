"""Mechanisms: information, cost sharing, benefit sharing, incentives and regulation, a file each."""
