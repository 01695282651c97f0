package backup

// Fill is fill, for a test of disks that are full.
var Fill = fill
