// Package pd is the part of pandas by which notebooks bring tables to Keras, for Go programs that were ported from Python: reading
// CSV files with pandas's types and missing values, choosing rows and columns, missing values, dummies and counts.
//
//	df := pd.ReadCSV("iris.csv")
//	x, y := df.Drop("species").Values(), df.Col("species")
//
// A column is an array of package np, whose functions compute with it; missing numbers are NaN, missing texts are found by
// [Frame.IsNull]. Rows keep their numbers for printing and for [Frame.Without]; columns have no labels. As package np, it panics with an *np.Error where pandas raises, and only so.
// Tables print as in pandas, except that wide ones aren't folded. There is no joining and no grouping.
package pd
