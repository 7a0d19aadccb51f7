"""Mechanisms: information, cost sharing, benefit sharing, risk sharing, incentives and regulation, a file each."""
