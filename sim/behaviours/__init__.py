"""Ways of deciding, one small file each."""
