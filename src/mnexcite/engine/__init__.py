"""Cell -> arrays and tables -> compiled kernel -> states; the only room that compiles."""
