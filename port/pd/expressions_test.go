package pd_test

import (
	"github.com/gokeras/gokeras/port/np"
	"github.com/gokeras/gokeras/port/pd"
)

// expressions are Python's and their ports; testdata/generate.py reads the former here and evaluates them.
var expressions = []struct {
	Python    string
	Port      func() any
	Tolerance float64
}{
	{`np.array(list(df.columns))`, func() any { return np.Of(df.Columns()) }, 0},
	{`df.shape`, func() any { return np.Of(df.Shape()) }, 0},
	{`df['a'].values`, func() any { return df.Col("a") }, 0},
	{`df['b'].values`, func() any { return df.Col("b") }, 0},
	{`df['ok'].values`, func() any { return df.Col("ok") }, 0},
	{`df['a.1'].values`, func() any { return df.Col("a.1") }, 0},
	{`np.array(df['name'].tolist())`, func() any { return df.Col("name") }, 0},
	{`df[['a', 'b']].values`, func() any { return df.Select("a", "b").Values() }, 0},
	{`df.drop(columns=['name', 'gap', 'ok']).values`, func() any { return df.Drop("name", "gap", "ok").Values() }, 0},
	{`df.isnull().values`, func() any { return df.IsNull() }, 0},
	{`df.isnull().sum().values`, func() any { return np.Sum(df.IsNull(), 0) }, 0},
	{`df.dropna()['a'].values`, func() any { return df.DropNA().Col("a") }, 0},
	{`df[['a', 'b']].fillna(0).values`, func() any { return df.Select("a", "b").FillNA(0).Values() }, 0},
	{`df[df['a'] > 2]['b'].values`, func() any { return df.Rows(np.Greater(df.Col("a"), 2)).Col("b") }, 0},
	{`df.iloc[1:3]['a'].values`, func() any { return df.Rows(np.S("1:3")).Col("a") }, 0},
	{`df.head(2)['a.1'].values`, func() any { return df.Head(2).Col("a.1") }, 0},
	{`np.array(list(pd.get_dummies(df).columns))`, func() any { return np.Of(pd.GetDummies(df).Columns()) }, 0},
	{`pd.get_dummies(df)['name_dog'].values`, func() any { return pd.GetDummies(df).Col("name_dog") }, 0},
	{`pd.get_dummies(df)['gap_x'].values`, func() any { return pd.GetDummies(df).Col("gap_x") }, 0},
	{`np.array(list(df['name'].value_counts().index))`, func() any { return counted("name")[0] }, 0},
	{`df['name'].value_counts().values`, func() any { return counted("name")[1] }, 0},
	{`df['gap'].value_counts().values`, func() any { return counted("gap")[1] }, 0},
	{`df['none']`, func() any { return df.Col("none") }, 0},
	{`pd.read_csv('none.csv')`, func() any { return pd.ReadCSV("none.csv").Values() }, 0},
}
