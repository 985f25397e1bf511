package jpeg

import (
	"encoding/hex"
	"sync"
)

// order is the place, row by row, of each coefficient of a file's order. Broken data may count on behind the last.
var order = func() (o [128]uint8) {
	x, y, up := 0, 0, true
	for k := range o {
		o[k] = 63
		if k > 63 {
			continue
		}
		o[k] = uint8(8*y + x)
		switch {
		case up && x == 7:
			y, up = y+1, false
		case up && y == 0:
			x, up = x+1, false
		case up:
			x, y = x+1, y-1
		case y == 7:
			x, up = x+1, true
		case x == 0:
			y, up = y+1, true
		default:
			x, y = x-1, y+1
		}
	}
	return o
}()

// standard returns the Huffman codes of the standard's annex K, of DC and AC coefficients, each for brightness and for colors: how many there are of
// each length, and what they stand for.
var standard = sync.OnceValue(func() (codes [2][2]*code) {
	for class, pair := range [2][2]string{
		{
			"00010501010101010100000000000000" + "000102030405060708090a0b",
			"00030101010101010101010000000000" + "000102030405060708090a0b",
		},
		{
			"0002010303020403050504040000017d" +
				"01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a3435363738393a43444546474849" +
				"4a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5" +
				"c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa",
			"00020102040403040705040400010277" +
				"000102031104052131061241510761711322328108144291a1b1c109233352f0156272d10a162434e125f11718191a262728292a35363738393a434445464748" +
				"494a535455565758595a636465666768696a737475767778797a82838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3" +
				"c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa",
		},
	} {
		for i, digits := range pair {
			spec, _ := hex.DecodeString(digits) // the test reads pictures with them
			codes[class][i], _ = newCode(spec)
		}
	}
	return codes
})
