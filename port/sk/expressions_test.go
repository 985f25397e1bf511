package sk_test

import (
	"github.com/gokeras/gokeras/port/np"
	"github.com/gokeras/gokeras/port/sk"
)

// expressions are Python's and their ports; testdata/generate.py reads the former here and evaluates them.
var expressions = []struct {
	Python    string
	Port      func() any
	Tolerance float64
}{
	{`train_test_split(x, y, test_size=0.2, random_state=42)`, func() any { return sk.TrainTestSplit(x, y, sk.TestSize(0.2), sk.RandomState(42)) }, 0},
	{`train_test_split(x, y, random_state=0)`, func() any { return sk.TrainTestSplit(x, y, sk.RandomState(0)) }, 0},
	{`train_test_split(x, test_size=3, random_state=1)`, func() any { return sk.TrainTestSplit(x, sk.TestSize(3), sk.RandomState(1)) }, 0},
	{`train_test_split(x, y, train_size=0.5, test_size=0.3, random_state=7)`, func() any { return sk.TrainTestSplit(x, y, sk.TrainSize(0.5), sk.TestSize(0.3), sk.RandomState(7)) }, 0},
	{`train_test_split(x, y, test_size=0.3, shuffle=False)`, func() any { return sk.TrainTestSplit(x, y, sk.TestSize(0.3), sk.Shuffled(false)) }, 0},
	{`train_test_split(x, y, test_size=0.3, random_state=42, stratify=y)`, func() any { return sk.TrainTestSplit(x, y, sk.TestSize(0.3), sk.RandomState(42), sk.Stratify{y}) }, 0},
	{`train_test_split(x, y, test_size=0.4, random_state=3, stratify=words)`, func() any { return sk.TrainTestSplit(x, y, sk.TestSize(0.4), sk.RandomState(3), sk.Stratify{words}) }, 0},
	{`train_test_split(x, y[:5])`, func() any { return sk.TrainTestSplit(x, y.Index(np.S(":5"))) }, 0},
	{`train_test_split(x, test_size=50)`, func() any { return sk.TrainTestSplit(x, sk.TestSize(50)) }, 0},
	{`train_test_split(x, test_size=0.99, random_state=0)`, func() any { return sk.TrainTestSplit(x, sk.TestSize(0.99), sk.RandomState(0)) }, 0},
	{`train_test_split(x, stratify=np.arange(20))`, func() any { return sk.TrainTestSplit(x, sk.Stratify{np.Arange(20)}) }, 0},
	{`shuffle(x, y, random_state=5)`, func() any { return sk.Shuffle(x, y, sk.RandomState(5)) }, 0},
	{`StandardScaler().fit_transform(f)`, func() any { return sk.NewStandardScaler().FitTransform(f) }, 1e-15},
	{`StandardScaler().fit_transform(f.astype(np.float32))`, func() any { return sk.NewStandardScaler().FitTransform(f.AsType("float32")) }, 1e-6},
	{`StandardScaler().fit(f).transform(f[:2] + 1)`, func() any { return sk.NewStandardScaler().Fit(f).Transform(np.Add(f.Index(np.S(":2")), 1)) }, 1e-15},
	{`StandardScaler().fit(f).inverse_transform(f)`, func() any { return sk.NewStandardScaler().Fit(f).InverseTransform(f) }, 1e-15},
	{`StandardScaler().fit_transform(np.ones((4, 2)))`, func() any { return sk.NewStandardScaler().FitTransform(np.Ones(4, 2)) }, 0},
	{`MinMaxScaler().fit_transform(f)`, func() any { return sk.NewMinMaxScaler().FitTransform(f) }, 1e-15},
	{`MinMaxScaler((-1, 1)).fit_transform(f)`, func() any { return sk.NewMinMaxScaler(-1, 1).FitTransform(f) }, 1e-15},
	{`MinMaxScaler().fit(f).inverse_transform(f)`, func() any { return sk.NewMinMaxScaler().Fit(f).InverseTransform(f) }, 1e-15},
	{`MinMaxScaler().fit(f[:, :1]).inverse_transform([f[:, 0]])`, func() any {
		return sk.NewMinMaxScaler().Fit(f.Index(np.All, np.S(":1"))).InverseTransform([]*np.Array{f.Index(np.All, 0)})
	}, 1e-15},
	{`MinMaxScaler().fit_transform(np.ones((4, 2)))`, func() any { return sk.NewMinMaxScaler().FitTransform(np.Ones(4, 2)) }, 0},
	{`QuantileTransformer(n_quantiles=5).fit_transform(f)`, func() any { return sk.NewQuantileTransformer(5).FitTransform(f) }, 1e-15},
	{`QuantileTransformer(n_quantiles=20).fit_transform(x)`, func() any { return sk.NewQuantileTransformer(20).FitTransform(x) }, 1e-15},
	{`QuantileTransformer(n_quantiles=7).fit(x % 4).transform(x % 5 - 0.5)`, func() any {
		return sk.NewQuantileTransformer(7).Fit(np.Mod(x, 4)).Transform(np.Subtract(np.Mod(x, 5), 0.5))
	}, 1e-15},
	{`QuantileTransformer(n_quantiles=5).fit(f).inverse_transform(np.clip(f, 0, 1))`, func() any { return sk.NewQuantileTransformer(5).Fit(f).InverseTransform(np.Clip(f, 0, 1)) }, 1e-15},
	{`QuantileTransformer(n_quantiles=3).fit_transform(np.ones((4, 2)))`, func() any { return sk.NewQuantileTransformer(3).FitTransform(np.Ones(4, 2)) }, 0},
	{`california().data`, func() any { return sk.CaliforniaHousing(table).Data }, 1e-15},
	{`california().target`, func() any { return sk.CaliforniaHousing(table).Target }, 1e-15},
	{`california().feature_names`, func() any { return sk.CaliforniaHousing(table).FeatureNames }, 0},
	{`normalize(f)`, func() any { return sk.Normalize(f) }, 1e-15},
	{`LabelEncoder().fit_transform(words)`, func() any { return sk.NewLabelEncoder().FitTransform(words) }, 0},
	{`LabelEncoder().fit(words).classes_`, func() any { return sk.NewLabelEncoder().Fit(words).Classes }, 0},
	{`LabelEncoder().fit([10, 5, 7]).transform([5, 10])`, func() any { return sk.NewLabelEncoder().Fit([]int{10, 5, 7}).Transform([]int{5, 10}) }, 0},
	{`LabelEncoder().fit([10, 5, 7]).inverse_transform([2, 0])`, func() any { return sk.NewLabelEncoder().Fit([]int{10, 5, 7}).InverseTransform([]int{2, 0}) }, 0},
	{`LabelBinarizer().fit_transform(words)`, func() any { return sk.NewLabelBinarizer().FitTransform(words) }, 0},
	{`LabelBinarizer().fit_transform(y % 2)`, func() any { return sk.NewLabelBinarizer().FitTransform(np.Mod(y, 2)) }, 0},
	{`LabelBinarizer().fit(words).inverse_transform(np.eye(3))`, func() any { return sk.NewLabelBinarizer().Fit(words).InverseTransform(np.Eye(3)) }, 0},
	{`OneHotEncoder().fit_transform(words.reshape(-1, 1)).toarray()`, func() any { return sk.NewOneHotEncoder().FitTransform(words.Reshape(-1, 1)) }, 0},
	{`OneHotEncoder().fit_transform(x % 3).toarray()`, func() any { return sk.NewOneHotEncoder().FitTransform(np.Mod(x, 3)) }, 0},
	{`OneHotEncoder(drop='first').fit_transform(x % 3).toarray()`, func() any { return sk.NewOneHotEncoder("first").FitTransform(np.Mod(x, 3)) }, 0},
	{`OneHotEncoder(handle_unknown='ignore').fit([[1], [2]]).transform([[2], [9]]).toarray()`, func() any { return sk.NewOneHotEncoder("ignore").Fit([][]int{{1}, {2}}).Transform([][]int{{2}, {9}}) }, 0},
	{`compute_class_weight('balanced', classes=np.unique(y), y=y)`, func() any { return sk.ComputeClassWeight(np.Unique(y), y) }, 1e-15},
	{`confusion_matrix(y, p)`, func() any { return sk.ConfusionMatrix(y, p) }, 0},
	{`confusion_matrix(words, words[::-1])`, func() any { return sk.ConfusionMatrix(words, words.Index(np.S("::-1"))) }, 0},
	{`accuracy_score(y, p)`, func() any { return sk.AccuracyScore(y, p) }, 0},
	{`precision_score(y, p, average='macro')`, func() any { return sk.PrecisionScore(y, p, sk.Average("macro")) }, 1e-15},
	{`recall_score(y, p, average='weighted')`, func() any { return sk.RecallScore(y, p, sk.Average("weighted")) }, 1e-15},
	{`f1_score(y, p, average='micro')`, func() any { return sk.F1Score(y, p, sk.Average("micro")) }, 1e-15},
	{`f1_score(y % 2, p % 2)`, func() any { return sk.F1Score(np.Mod(y, 2), np.Mod(p, 2)) }, 1e-15},
	{`f1_score(y, p)`, func() any { return sk.F1Score(y, p) }, 0},
	{`precision_recall_fscore_support(y, p, average='weighted')[0]`, func() any { v, _, _ := sk.PrecisionRecallFscore(y, p, sk.Average("weighted")); return v }, 1e-15},
	{`precision_recall_fscore_support(y, p, average='macro')[2]`, func() any { _, _, v := sk.PrecisionRecallFscore(y, p, sk.Average("macro")); return v }, 1e-15},
	{`precision_recall_fscore_support(y, p)[1]`, func() any { return recalls() }, 1e-15},
	{`classification_report(y, p)`, func() any { return sk.ClassificationReport(y, p) }, 0},
	{`classification_report(y, p, target_names=['a', 'a long class name', 'c'], digits=4)`, func() any {
		return sk.ClassificationReport(y, p, sk.TargetNames{"a", "a long class name", "c"}, sk.Digits(4))
	}, 0},
	{`classification_report(words, words[::-1])`, func() any { return sk.ClassificationReport(words, words.Index(np.S("::-1"))) }, 0},
	{`classification_report([0, 0, 1], [2, 0, 1], zero_division=0)`, func() any { return sk.ClassificationReport([]int{0, 0, 1}, []int{2, 0, 1}) }, 0},
	{`classification_report(y, p, target_names=['a'])`, func() any { return sk.ClassificationReport(y, p, sk.TargetNames{"a"}) }, 0},
	{`mean_squared_error(f[:, 0], f[:, 1])`, func() any { return sk.MeanSquaredError(f.Index(np.All, 0), f.Index(np.All, 1)) }, 1e-15},
	{`mean_absolute_error(f, f[::-1])`, func() any { return sk.MeanAbsoluteError(f, f.Index(np.S("::-1"))) }, 1e-15},
	{`root_mean_squared_error(f, f[::-1])`, func() any { return sk.RootMeanSquaredError(f, f.Index(np.S("::-1"))) }, 1e-15},
	{`r2_score(f[:, 0], f[:, 1])`, func() any { return sk.R2Score(f.Index(np.All, 0), f.Index(np.All, 1)) }, 1e-14},
	{`r2_score([1, 1], [1, 2])`, func() any { return sk.R2Score([]int{1, 1}, []int{1, 2}) }, 0},
	{`roc_auc_score(y % 2, score)`, func() any { return sk.RocAucScore(np.Mod(y, 2), score) }, 1e-15},
	{`roc_curve(y % 2, score)`, func() any { return roc() }, 1e-15},
	{`auc([0, 0.5, 1], [0, 0.7, 1])`, func() any { return sk.Auc([]float64{0, 0.5, 1}, []float64{0, 0.7, 1}) }, 1e-15},
	{`make_moons(10, random_state=0)`, func() any { return two(sk.MakeMoons(10, sk.RandomState(0))) }, 2e-15},
	{`make_moons(9, noise=0.1, random_state=42)`, func() any { return two(sk.MakeMoons(9, sk.Noise(0.1), sk.RandomState(42))) }, 2e-15},
	{`make_circles(10, noise=0.05, factor=0.5, random_state=1)`, func() any { return two(sk.MakeCircles(10, sk.Noise(0.05), sk.Factor(0.5), sk.RandomState(1))) }, 1e-14},
	{`make_blobs(10, centers=3, random_state=0)`, func() any { return two(sk.MakeBlobs(10, sk.Centers{3}, sk.RandomState(0))) }, 0},
	{`make_blobs(7, centers=[[0, 0], [5, 5]], cluster_std=0.5, random_state=2)`, func() any {
		return two(sk.MakeBlobs(7, sk.Centers{[][]int{{0, 0}, {5, 5}}}, sk.ClusterStd(0.5), sk.RandomState(2)))
	}, 0},
	{`make_blobs(6, n_features=3, random_state=9)`, func() any { return two(sk.MakeBlobs(6, sk.Features(3), sk.RandomState(9))) }, 0},
	{`make_classification(8, n_features=5, random_state=0)`, func() any { return two(sk.MakeClassification(8, sk.Features(5), sk.RandomState(0))) }, 1e-13},
	{`make_classification(9, n_features=6, n_informative=3, n_redundant=1, n_repeated=1, n_classes=3, n_clusters_per_class=1, flip_y=0.3, random_state=4)`, func() any {
		return two(sk.MakeClassification(9, sk.Features(6), sk.Informative(3), sk.Redundant(1), sk.Repeated(1), sk.Classes(3), sk.ClassClusters(1), sk.FlipY(0.3), sk.RandomState(4)))
	}, 1e-13},
	{`make_classification(8, n_features=12, n_informative=10, random_state=1, class_sep=2.0)`, func() any {
		return two(sk.MakeClassification(8, sk.Features(12), sk.Informative(10), sk.RandomState(1), sk.ClassSep(2)))
	}, 1e-13},
	{`load_iris().data`, func() any { return sk.LoadIris().Data }, 1e-15},
	{`load_iris().target`, func() any { return sk.LoadIris().Target }, 0},
	{`np.array(load_iris().feature_names)`, func() any { return np.Of(sk.LoadIris().FeatureNames) }, 0},
	{`np.array(load_iris().target_names)`, func() any { return np.Of(sk.LoadIris().TargetNames) }, 0},
	{`load_wine().data.sum(axis=0)`, func() any { return sk.LoadWine().Data.Sum(0) }, 1e-15},
	{`np.array(load_wine().feature_names)`, func() any { return np.Of(sk.LoadWine().FeatureNames) }, 0},
	{`load_breast_cancer().data.sum(axis=0)`, func() any { return sk.LoadBreastCancer().Data.Sum(0) }, 1e-15},
	{`load_breast_cancer().target`, func() any { return sk.LoadBreastCancer().Target }, 0},
	{`np.array(load_breast_cancer().feature_names)`, func() any { return np.Of(sk.LoadBreastCancer().FeatureNames) }, 0},
	{`MaxAbsScaler().fit_transform(f)`, func() any { return sk.NewMaxAbsScaler().FitTransform(f) }, 1e-15},
	{`MaxAbsScaler().fit(f).inverse_transform(f)`, func() any { return sk.NewMaxAbsScaler().Fit(f).InverseTransform(f) }, 1e-15},
	{`RobustScaler().fit_transform(f)`, func() any { return sk.NewRobustScaler().FitTransform(f) }, 1e-15},
	{`RobustScaler().fit(f).inverse_transform(f)`, func() any { return sk.NewRobustScaler().Fit(f).InverseTransform(f) }, 1e-15},
	{`RobustScaler().fit_transform(iris).sum(axis=0)`, func() any { return sk.NewRobustScaler().FitTransform(iris).Sum(0) }, 1e-12},
	{`load_diabetes().data[:40]`, func() any { return sk.LoadDiabetes().Data.Index(np.S(":40")) }, 1e-13},
	{`load_diabetes().target`, func() any { return sk.LoadDiabetes().Target }, 0},
	{`np.array(load_diabetes().feature_names)`, func() any { return np.Of(sk.LoadDiabetes().FeatureNames) }, 0},
	{`load_digits().images[3]`, func() any { return sk.LoadDigits().Images.Index(3) }, 0},
	{`load_digits().target`, func() any { return sk.LoadDigits().Target }, 0},
	{`flat(KFold(3).split(x))`, func() any { return flat(sk.NewKFold(3).Split(x)) }, 0},
	{`flat(KFold(4, shuffle=True, random_state=8).split(x))`, func() any { return flat(sk.NewKFold(4, sk.Shuffled(true), sk.RandomState(8)).Split(x)) }, 0},
	{`flat(StratifiedKFold(3).split(x, y))`, func() any { return flat(sk.NewStratifiedKFold(3).Split(x, y)) }, 0},
	{`flat(StratifiedKFold(3, shuffle=True, random_state=8).split(x, words))`, func() any {
		return flat(sk.NewStratifiedKFold(3, sk.Shuffled(true), sk.RandomState(8)).Split(x, words))
	}, 0},
	{`KFold(1)`, func() any { return sk.NewKFold(1) }, 0},
	{`flat(KFold(50).split(x))`, func() any { return flat(sk.NewKFold(50).Split(x)) }, 0},
	{`PCA(2).fit_transform(iris)`, func() any { return sk.NewPCA(2).FitTransform(iris) }, 1e-8},
	{`PCA(2).fit(iris).components_`, func() any { return sk.NewPCA(2).Fit(iris).Components }, 1e-9},
	{`PCA(0.95).fit(iris).explained_variance_ratio_`, func() any { return sk.NewPCA(0.95).Fit(iris).ExplainedVarianceRatio }, 1e-11},
	{`SimpleImputer().fit_transform(holes)`, func() any { return sk.NewSimpleImputer("mean").FitTransform(holes) }, 1e-15},
	{`SimpleImputer(strategy='median').fit_transform(holes)`, func() any { return sk.NewSimpleImputer("median").FitTransform(holes) }, 1e-15},
	{`SimpleImputer(strategy='most_frequent').fit_transform(holes)`, func() any { return sk.NewSimpleImputer("most_frequent").FitTransform(holes) }, 1e-15},
	{`SimpleImputer(strategy='constant', fill_value=-1).fit_transform(holes)`, func() any { return sk.NewSimpleImputer("constant", -1).FitTransform(holes) }, 1e-15},
	{`SimpleImputer().fit(holes).transform(f[:, :2])`, func() any { return sk.NewSimpleImputer("mean").Fit(holes).Transform(f.Index(np.All, np.S(":2"))) }, 0},
	{`np.array(list(OneHotEncoder().fit(words.reshape(-1, 1)).get_feature_names_out(['animal'])))`, func() any {
		return np.Of(sk.NewOneHotEncoder().Fit(words.Reshape(-1, 1)).FeatureNames("animal"))
	}, 0},
	{`np.array(list(OneHotEncoder(drop='first').fit(x[:4]).get_feature_names_out(['a', 'b'])))`, func() any {
		return np.Of(sk.NewOneHotEncoder("first").Fit(x.Index(np.S(":4"))).FeatureNames("a", "b"))
	}, 0},
	{`make_pipeline(SimpleImputer(), StandardScaler()).fit_transform(holes)`, func() any {
		return sk.NewPipeline(sk.NewSimpleImputer("mean"), sk.NewStandardScaler()).FitTransform(holes)
	}, 1e-15},
	{`make_pipeline(SimpleImputer(), MinMaxScaler()).fit(holes).transform(f[:, :2].repeat(2, 1)[:, :3])`, func() any {
		return sk.NewPipeline(sk.NewSimpleImputer("mean"), sk.NewMinMaxScaler()).Fit(holes).Transform(np.Repeat(f.Index(np.All, np.S(":2")), 2, 1).Index(np.All, np.S(":3")))
	}, 1e-15},
	{`ColumnTransformer([('a', OneHotEncoder(), [1]), ('b', StandardScaler(), [0])], remainder='passthrough', sparse_threshold=0).fit_transform(np.column_stack([x[:6, 0], y[:6], x[:6, 1]]))`, func() any {
		x := np.ColumnStack([]*np.Array{x.Index(np.S(":6"), 0), y.Index(np.S(":6")), x.Index(np.S(":6"), 1)})
		return sk.NewColumnTransformer(sk.PassThrough, sk.On{sk.NewOneHotEncoder(), []int{1}}, sk.On{sk.NewStandardScaler(), []int{0}}).FitTransform(x)
	}, 1e-15},
	{`ColumnTransformer([('a', OneHotEncoder(), [1]), ('b', MinMaxScaler(), [-1, 0])], sparse_threshold=0).fit(np.column_stack([x[:6], y[:6]])[:, [0, 2, 1]]).transform(np.array([[0, 1, 3]]))`, func() any {
		x := np.ColumnStack([]*np.Array{x.Index(np.S(":6"), 0), y.Index(np.S(":6")), x.Index(np.S(":6"), 1)})
		return sk.NewColumnTransformer(sk.Drop, sk.On{sk.NewOneHotEncoder(), []int{1}}, sk.On{sk.NewMinMaxScaler(), []int{-1, 0}}).Fit(x).Transform([][]int{{0, 1, 3}})
	}, 1e-15},
	{`np.array(ColumnTransformer([('a', OneHotEncoder(), [0])], remainder='passthrough').fit_transform(np.array([['x', 1], ['y', 2.5], ['x', 3]], dtype=object)), dtype=float)`, func() any {
		return sk.NewColumnTransformer(sk.PassThrough, sk.On{sk.NewOneHotEncoder(), []int{0}}).FitTransform([][]string{{"x", "1"}, {"y", "2.5"}, {"x", "3"}})
	}, 0},
}
