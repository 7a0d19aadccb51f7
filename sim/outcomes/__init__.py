"""What is measured, a file per topic: arrays in, named monthly series out."""
