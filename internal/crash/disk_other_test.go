//go:build unix && !linux

package crash

import "testing"

// smallDisk is for Linux.
func smallDisk(*testing.T, string) (full func(pages int), empty func()) { return nil, nil }
