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
	{`pd.get_dummies(df, dtype=int)['gap_x'].values`, func() any { return pd.GetDummies(df, np.DType("int")).Col("gap_x") }, 0},
	{`pd.get_dummies(df, dtype=int)['b'].fillna(0.25).values`, func() any { return pd.FillNA(pd.GetDummies(df, np.DType("int")).Col("b"), 0.25) }, 0},
	{`df.round(0)['b'].fillna(0.25).values`, func() any { return pd.FillNA(df.Round(0).Col("b"), 0.25) }, 0},
	{`np.array(list(df['name'].value_counts().index))`, func() any { return counted("name")[0] }, 0},
	{`df['name'].value_counts().values`, func() any { return counted("name")[1] }, 0},
	{`df['gap'].value_counts().values`, func() any { return counted("gap")[1] }, 0},
	{`df.tail(2)['a'].values`, func() any { return df.Tail(2).Col("a") }, 0},
	{`df.iloc[:, 1:3].shape`, func() any { return np.Of(df.Cols(np.S("1:3")).Shape()) }, 0},
	{`df.iloc[:, -2].values`, func() any { return df.ColAt(-2) }, 0},
	{`df.loc[:, 'b':'ok'].shape`, func() any { return np.Of(df.Between("b", "ok").Shape()) }, 0},
	{`df.sort_values('b', ascending=False)['a'].values`, func() any { return df.SortValues(false, "b").Col("a") }, 0},
	{`df.sort_values('name')['b'].values`, func() any { return df.SortValues(true, "name").Col("b") }, 0},
	{`df.sort_values('gap', ascending=False)['a'].values`, func() any { return df.SortValues(false, "gap").Col("a") }, 0},
	{`df.sort_values(['ok', 'a'], ascending=False)['a.1'].values`, func() any { return df.SortValues(false, "ok", "a").Col("a.1") }, 0},
	{`str(df.sort_values('a').head(2))`, func() any { return df.SortValues(true, "a").Head(2).String() }, 0},
	{`pd.DataFrame({'x': [3, 1, 2] * 9, 'y': range(27)}).sort_values(['x', 'y'], ascending=False)['y'].values`, func() any {
		x := np.Of([]int{3, 1, 2}).Index(np.Mod(np.Arange(27), 3))
		return pd.Of(pd.Column{Name: "x", Values: x}, pd.Column{Name: "y", Values: np.Arange(27)}).SortValues(false, "x", "y").Col("y")
	}, 0},
	{`df['b'].mean()`, func() any { return pd.Mean(df.Col("b")) }, 0},
	{`df['b'].std()`, func() any { return pd.Std(df.Col("b")) }, 1e-15},
	{`df['a'].sum()`, func() any { return pd.Sum(df.Col("a")) }, 0},
	{`df['b'].median()`, func() any { return pd.Median(df.Col("b")) }, 0},
	{`df[['a', 'b']].max().values`, func() any { return pd.Max(df.Select("a", "b")).AsType("float64") }, 0},
	{`df[['a', 'b']].var().values`, func() any { return pd.Var(df.Select("a", "b")) }, 1e-15},
	{`df[['a', 'b']].count().values`, func() any { return pd.Count(df.Select("a", "b")) }, 0},
	{`df['a'].quantile(0.3)`, func() any { return pd.Quantile(df.Col("a"), 0.3) }, 1e-15},
	{`df['b'].rolling(2).mean().values`, func() any { return pd.Rolling(df.Col("b"), 2, 2, pd.Mean) }, 1e-14},
	{`df['b'].rolling(window=3, min_periods=1).std().values`, func() any { return pd.Rolling(df.Col("b"), 3, 1, pd.Std) }, 1e-14},
	{`df['a'].rolling(3).max().values`, func() any { return pd.Rolling(df.Col("a"), 3, 3, pd.Max) }, 0},
	{`df['a'].rolling(2).sum().values`, func() any { return pd.Rolling(df.Col("a"), 2, 2, pd.Sum) }, 1e-14},
	{`df['a'].rolling(2, min_periods=3).sum().values`, func() any { return pd.Rolling(df.Col("a"), 2, 3, pd.Sum) }, 0},
	{`df['a'].shift(1).values`, func() any { return pd.Shift(df.Col("a"), 1) }, 0},
	{`df['b'].shift(-2).values`, func() any { return pd.Shift(df.Col("b"), -2) }, 0},
	{`df['a'].shift(0).values`, func() any { return pd.Shift(df.Col("a"), 0) }, 0},
	{`df['a'].shift(9).values`, func() any { return pd.Shift(df.Col("a"), 9) }, 0},
	{`df['b'].diff().values`, func() any { return pd.Diff(df.Col("b"), 1) }, 0},
	{`df['a'].diff(2).values`, func() any { return pd.Diff(df.Col("a"), 2) }, 0},
	{`df['b'].pct_change().values`, func() any { return pd.PctChange(df.Col("b")) }, 1e-15},
	{`df['b'].fillna(df['b'].mean()).values`, func() any { return pd.FillNA(df.Col("b"), pd.Mean(df.Col("b"))) }, 0},
	{`df['gap'].isnull().values`, func() any { return pd.IsNull(df.Col("gap")) }, 0},
	{`np.array(df['name'].unique().tolist())`, func() any { return pd.Unique(df.Col("name")) }, 0},
	{`df['gap'].nunique()`, func() any { return np.Of(pd.NUnique(df.Col("gap"))) }, 0},
	{`df['name'].map({'dog': 1, 'cat': 2, 'big, red': 3}).values`, func() any { return pd.Replace(df.Col("name"), map[string]int{"dog": 1, "cat": 2, "big, red": 3}) }, 0},
	{`df['name'].map({'dog': 1}).values`, func() any { return pd.Replace(df.Col("name"), map[string]float64{"dog": 1}) }, 0},
	{`df['name'].map({'dog': 1.0, 'cat': 2.0, 'big, red': 3.0}).values`, func() any { return pd.Replace(df.Col("name"), map[string]float64{"dog": 1, "cat": 2, "big, red": 3}) }, 0},
	{`df['b'].map({2: 7, -1: 8}).values`, func() any { return pd.Replace(df.Col("b"), map[int]int{2: 7, -1: 8}) }, 0},
	{`df['a'].map({1: 7, 2: 8, 3: 9, 4: 0}).values`, func() any { return pd.Replace(df.Col("a"), map[int]int{1: 7, 2: 8, 3: 9, 4: 0}) }, 0},
	{`df['a'].apply(lambda v: v * 2.5).values`, func() any { return pd.Map(df.Col("a"), func(v *np.Array) float64 { return v.Float() * 2.5 }) }, 0},
	{`df['name'].mode()[0]`, func() any { return pd.Mode(df.Col("name")).Text() }, 0},
	{`(df[['a', 'b']] - df[['a', 'b']].mean()).values`, func() any {
		f := df.Select("a", "b")
		return pd.Each(np.Subtract, f, pd.Mean(f)).Values()
	}, 0},
	{`pd.get_dummies(df, columns=['a'], drop_first=True)['a_3'].values`, func() any { return pd.GetDummies(df, "a", pd.DropFirst).Col("a_3") }, 0},
	{`np.array(list(pd.get_dummies(df, columns=['a', 'name'], drop_first=True).columns))`, func() any { return np.Of(pd.GetDummies(df, "a", "name", pd.DropFirst).Columns()) }, 0},
	{`np.array(list(pd.get_dummies(df[['name', 'a']], prefix='', prefix_sep='').columns))`, func() any { return np.Of(pd.GetDummies(df.Select("name", "a"), pd.Bare).Columns()) }, 0},
	{`pd.get_dummies(df['name']).values`, func() any { return pd.Dummies(df.Col("name")).Values() }, 0},
	{`df[['a', 'b', 'a.1']].corr().shape`, func() any { return np.Of(df.Select("a", "b", "a.1").Corr().Shape()) }, 0},
	{`df[['a', 'a.1']].corr().values`, func() any { return df.Select("a", "a.1").Corr().Values() }, 1e-14},
	{`pd.concat([df[['a']], df[['b']]], axis=1).values`, func() any { return pd.Concat([]*pd.Frame{df.Select("a"), df.Select("b")}, 1).Values() }, 0},
	{`pd.concat([df, df])['b'].values`, func() any { return pd.Concat([]*pd.Frame{df, df}, 0).Col("b") }, 0},
	{`str(df)`, func() any { return df.String() }, 0},
	{`str(df[['a', 'b']].describe())`, func() any { return df.Select("a", "b").Describe().String() }, 0},
	{`str(pd.DataFrame(np.arange(140).reshape(70, 2), columns=['x', 'y']) / 7)`, func() any {
		return pd.Each(np.Divide, pd.New(np.Arange(140).Reshape(70, 2), "x", "y"), 7).String()
	}, 0},
	{`str(pd.DataFrame({'x': [1e-8, 1.0], 'y': [1234567890.5, 2], 'z': [12345678.25, -1.5], 'w': [0.1, 100.25]}))`, func() any {
		return pd.Of(pd.Column{Name: "x", Values: []float64{1e-8, 1}}, pd.Column{Name: "y", Values: []float64{1234567890.5, 2}},
			pd.Column{Name: "z", Values: []float64{12345678.25, -1.5}}, pd.Column{Name: "w", Values: []float64{0.1, 100.25}}).String()
	}, 0},
	{`str(df.head(0))`, func() any { return df.Head(0).String() }, 0},
	{`pd.read_csv(here + '/small.csv', header=None, skiprows=1)[3].shape`, func() any {
		return np.Of(pd.ReadCSV("testdata/small.csv", pd.NoHeader, pd.SkipRows(1)).Col("3").Shape())
	}, 0},
	{`pd.read_csv(here + '/small.csv', names=list('pqrstu'), skiprows=1)['q'].values`, func() any {
		return pd.ReadCSV("testdata/small.csv", pd.Names{"p", "q", "r", "s", "t", "u"}, pd.SkipRows(1)).Col("q")
	}, 0},
	{`pd.read_csv(here + '/small.csv', usecols=['a', 'gap'], nrows=2, na_values=['x'])['gap'].isnull().values`, func() any {
		return pd.IsNull(pd.ReadCSV("testdata/small.csv", pd.UseCols{"a", "gap"}, pd.NRows(2), pd.NAValues{"x"}).Col("gap"))
	}, 0},
	{`str(pd.read_csv(here + '/odd.csv'))`, func() any { return pd.ReadCSV("testdata/odd.csv").String() }, 0},
	{`pd.read_csv(here + '/odd.csv')['id'].values`, func() any { return pd.ReadCSV("testdata/odd.csv").Col("id") }, 0},
	{`pd.read_csv(here + '/small.csv', usecols=['no'])`, func() any { return pd.ReadCSV("testdata/small.csv", pd.UseCols{"no"}).Values() }, 0},
	{`df['none']`, func() any { return df.Col("none") }, 0},
	{`pd.read_csv('none.csv')`, func() any { return pd.ReadCSV("none.csv").Values() }, 0},
	{`str(df['name'].value_counts())`, func() any { return pd.Counts(df.Col("name"), "name", false).String() }, 0},
	{`str(df['ok'].value_counts(normalize=True))`, func() any { return pd.Counts(df.Col("ok"), "ok", true).String() }, 0},
	{`str(pd.Series(np.arange(100) % 67, name='n').value_counts())`, func() any {
		return pd.Counts(np.Mod(np.Arange(100), 67), "n", false).String()
	}, 0},
	{`df['name'].value_counts()['dog']`, func() any { return pd.Counts(df.Col("name"), "name", false).At("dog") }, 0},
	{`df['name'].value_counts().sort_index().values`, func() any { return pd.Counts(df.Col("name"), "name", false).SortIndex().Values }, 0},
	{`str(df['a'].value_counts().head(2))`, func() any { return pd.Counts(df.Col("a"), "a", false).Head(2).String() }, 0},
	{`str(df.groupby('name')['a'].mean())`, func() any { return df.GroupBy("name").Col("a", pd.Mean).String() }, 0},
	{`str(df.groupby(['ok', 'name'])['b'].sum())`, func() any { return df.GroupBy("ok", "name").Col("b", pd.Sum).String() }, 0},
	{`str(df.groupby(['name', 'gap', 'ok']).size())`, func() any { return df.GroupBy("name", "gap", "ok").Size().String() }, 0},
	{`str(df.groupby(['ok', 'name'], as_index=False)['a'].mean())`, func() any { return df.GroupBy("ok", "name").Frame(pd.Mean, "a").String() }, 0},
	{`str(df[['ok', 'a', 'b']].groupby('ok', as_index=False).max())`, func() any { return df.Select("ok", "a", "b").GroupBy("ok").Frame(pd.Max).String() }, 0},
	{`str(df.groupby(['ok', 'name'])['b'].count().reset_index())`, func() any { return df.GroupBy("ok", "name").Col("b", pd.Count).ResetIndex().String() }, 0},
	{`str(df.groupby('name').size().reset_index())`, func() any { return df.GroupBy("name").Size().ResetIndex().String() }, 0},
	{`str(df.groupby('name')['a'].max().sort_values(ascending=False))`, func() any { return df.GroupBy("name").Col("a", pd.Max).SortValues(false).String() }, 0},
	{`str(df.groupby(['ok', 'name'])['b'].mean().sort_values())`, func() any { return df.GroupBy("ok", "name").Col("b", pd.Mean).SortValues(true).String() }, 0},
	{`np.array(list(df.select_dtypes(['object', 'bool']).columns))`, func() any { return np.Of(df.Types("object", "bool").Columns()) }, 0},
	{`np.array(list(df.select_dtypes('number').columns))`, func() any { return np.Of(df.Types("number").Columns()) }, 0},
	{`np.array(list(df.select_dtypes(include=['int64']).columns))`, func() any { return np.Of(df.Types("int64").Columns()) }, 0},
	{`df.groupby('name')['b'].sum().values`, func() any { return df.GroupBy("name").Col("b", pd.Sum).Values }, 0},
	{`df.groupby('name')['b'].count().values`, func() any { return df.GroupBy("name").Col("b", pd.Count).Values }, 0},
	{`df.groupby('ok')['a'].max().values`, func() any { return df.GroupBy("ok").Col("a", pd.Max).Values }, 0},
	{`df.groupby('gap')['a'].std().values`, func() any { return df.GroupBy("gap").Col("a", pd.Std).Values }, 0},
	{`str(df.groupby('gap').size())`, func() any { return df.GroupBy("gap").Size().String() }, 0},
	{`np.array(df['name'].str.upper().tolist())`, func() any { return pd.Upper(df.Col("name")) }, 0},
	{`df['name'].str.len().values`, func() any { return pd.TextLen(df.Col("name")) }, 0},
	{`df['name'].str.contains('o').values`, func() any { return pd.Contains(df.Col("name"), "o") }, 0},
	{`np.array(df['name'].str.replace('g', 'ck', regex=False).tolist())`, func() any { return pd.ReplaceText(df.Col("name"), "g", "ck") }, 0},
	{`np.array(df['a'].astype(str).tolist())`, func() any { return pd.Text(df.Col("a")) }, 0},
	{`np.array(df['ok'].astype(str).tolist())`, func() any { return pd.Text(df.Col("ok")) }, 0},
	{`df.dropna(subset=['b']).shape`, func() any { return np.Of(df.DropNA("b").Shape()) }, 0},
	{`np.array(list(df.dropna(axis=1).columns))`, func() any { return np.Of(df.DropNAColumns().Columns()) }, 0},
	{`df.drop_duplicates(subset=['name']).shape`, func() any { return np.Of(df.DropDuplicates("name").Shape()) }, 0},
	{`pd.concat([df, df.head(2)]).duplicated().values`, func() any { return pd.Concat([]*pd.Frame{df, df.Head(2)}, 0).Duplicated() }, 0},
	{`str(df[df['a'] > 2][['a', 'b']])`, func() any { return df.Rows(np.Greater(df.Col("a"), 2)).Select("a", "b").String() }, 0},
	{`df.drop(df.sample(frac=0.5, random_state=0).index)['a'].values`, func() any { return df.Without(df.Sample(2, 0)).Col("a") }, 0},
	{`str(df.dropna()[['a']].reset_index(drop=True))`, func() any { return df.DropNA().Select("a").ResetIndex().String() }, 0},
	{`df[df['a'] > 2].drop(df.head(1).index)`, func() any { return df.Rows(np.Greater(df.Col("a"), 2)).Without(df.Head(1)) }, 0},
	{`str(pd.concat([df, df.head(1)])[['a']])`, func() any { return pd.Concat([]*pd.Frame{df, df.Head(1)}, 0).Select("a").String() }, 0},
	{`pd.merge(df[['a', 'b', 'name']], pd.DataFrame({'name': ['dog', 'cow', 'cat', 'dog'], 'b': [1, 2, 3, 4], 'legs': ['x', 'y', 'z', 'w']}), on='name')[['a', 'b_x', 'b_y']].values`, func() any {
		return pd.Merge(df.Select("a", "b", "name"), legs, "name", "inner").Select("a", "b_x", "b_y").Values()
	}, 0},
	{`np.array(list(pd.merge(df[['a', 'b', 'name']], pd.DataFrame({'name': ['dog', 'cow', 'cat', 'dog'], 'b': [1, 2, 3, 4], 'legs': ['x', 'y', 'z', 'w']}), on='name').columns))`, func() any {
		return np.Of(pd.Merge(df.Select("a", "b", "name"), legs, "name", "inner").Columns())
	}, 0},
	{`pd.merge(df[['a', 'name']], pd.DataFrame({'name': ['dog', 'cow', 'cat', 'dog'], 'b': [1, 2, 3, 4]}), on='name', how='left')[['a', 'b']].values`, func() any {
		return pd.Merge(df.Select("a", "name"), legs.Select("name", "b"), "name", "left").Select("a", "b").Values()
	}, 0},
	{`df[['a', 'b']].fillna(df[['a', 'b']].mean()).values`, func() any { return df.Select("a", "b").FillNAs(pd.Mean(df.Select("a", "b"))).Values() }, 0},
	{`df.sample(n=6, replace=True, random_state=3)['a'].values`, func() any { return df.SampleAgain(6, 3).Col("a") }, 0},
	{`pd.DataFrame([{'a': 1, 'b': 2.5, 'c': 'x'}, {'a': 2, 'b': 3.0, 'c': 'y'}])[['a', 'b']].values`, func() any {
		return pd.FromRows([]map[string]any{{"a": 1, "b": 2.5, "c": "x"}, {"a": 2, "b": 3.0, "c": "y"}}, "a", "b", "c").Select("a", "b").Values()
	}, 0},
	{`str(pd.DataFrame([{'a': 1, 'c': 'x'}, {'a': 2, 'c': 'y'}]))`, func() any {
		return pd.FromRows([]map[string]any{{"a": 1, "c": "x"}, {"a": 2, "c": "y"}}, "a", "c").String()
	}, 0},
}

var legs = pd.Of(pd.Column{Name: "name", Values: []string{"dog", "cow", "cat", "dog"}}, pd.Column{Name: "b", Values: []int{1, 2, 3, 4}}, pd.Column{Name: "legs", Values: []string{"x", "y", "z", "w"}})
