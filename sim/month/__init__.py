"""What happens in a month, a file for each matter: `sim.phases` calls them in order."""
