"""Generated network families, one small file each: a class with a `kind` and a `build` method."""
