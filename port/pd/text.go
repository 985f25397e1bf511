package pd

import (
	"strings"

	"github.com/gokeras/gokeras/port/np"
)

// Text returns a column's elements as texts (pandas: series.astype(str)).
func Text(column any) *np.Array { return onTexts(column, func(s string) string { return s }) }

// Lower, Upper and Strip are Python's methods of texts for each element of a column (pandas: series.str.lower() …). Missing texts stay missing.
func Lower(column any) *np.Array { return onTexts(column, strings.ToLower) }

// Upper makes texts upper case.
func Upper(column any) *np.Array { return onTexts(column, strings.ToUpper) }

// Strip removes white space at both ends.
func Strip(column any) *np.Array { return onTexts(column, strings.TrimSpace) }

// ReplaceText replaces a text inside of each element (pandas: series.str.replace(old, new, regex=False)).
func ReplaceText(column any, old, new string) *np.Array {
	return onTexts(column, func(s string) string { return strings.ReplaceAll(s, old, new) })
}

// Contains says of each element whether it has a text inside (pandas: series.str.contains(text, regex=False)).
func Contains(column any, text string) *np.Array {
	return Map(np.Of(column), func(x *np.Array) bool { return strings.Contains(x.Text(), text) })
}

// TextLen is the number of letters of each element (pandas: series.str.len()).
func TextLen(column any) *np.Array {
	return Map(np.Of(column), func(x *np.Array) int { return len([]rune(x.Text())) })
}

func onTexts(column any, f func(s string) string) *np.Array {
	texts := np.Of(column).Strings()
	for i, s := range texts {
		if s != "nan" {
			texts[i] = f(s)
		}
	}
	return np.Of(append([]string{}, texts...))
}
