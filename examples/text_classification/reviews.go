package main

import (
	"math/rand/v2"
	"strings"

	"github.com/gokeras/gokeras/datasets"
)

// reviews are texts, and 1 for each that is good, 0 for each that is bad.
type reviews struct {
	texts []string
	good  []float32
}

// made are sentences that were made up, a quarter of them for testing. What counts is the last word of judgement, unless it is denied.
func made(n int) (training, test reviews) {
	rng := rand.New(rand.NewPCG(1, 2))
	one := func(words ...string) string { return words[rng.IntN(len(words))] }
	// clause judges one thing.
	clause := func() (text string, good bool) {
		good = rng.IntN(2) == 0
		word := one("boring", "terrible", "bad", "dull", "awful")
		if good {
			word = one("great", "wonderful", "good", "brilliant", "moving")
		}
		deny := one("", "", "", "", "", "", "not ", "never ")
		return one("the", "this", "a") + " " + one("film", "plot", "start", "end", "cast") + " " + one("is", "was") + " " + deny + one("", "very ", "really ") + word, good == (deny == "")
	}
	for i := range n {
		text, good := clause()
		if rng.IntN(3) == 0 {
			var last string
			last, good = clause()
			text += ", but " + last
		}
		to := &training
		if i%4 == 3 {
			to = &test
		}
		to.texts = append(to.texts, strings.ToUpper(text[:1])+text[1:]+one(".", "!", ""))
		to.good = append(to.good, map[bool]float32{true: 1}[good])
	}
	return training, test
}

// imdbReviews are the reviews of Keras's data set, whose numbers become words again.
func imdbReviews(o datasets.Options) (training, test reviews, err error) {
	index, err := datasets.IMDBWordIndex(o)
	if err != nil {
		return training, test, err
	}
	data, err := datasets.IMDB(datasets.SequenceOptions{Options: o})
	if err != nil {
		return training, test, err
	}
	const before = 3 // numbers of the data set before the first word's: padding, start, unknown
	words := make([]string, len(index)+before+1)
	for word, i := range index {
		if i > 0 && i <= len(index) {
			words[i+before] = word
		}
	}
	texts := func(sequences [][]int, labels []int64) reviews {
		r := reviews{}
		for i, sequence := range sequences {
			var text []string
			for _, number := range sequence {
				if number < len(words) && words[number] != "" {
					text = append(text, words[number])
				}
			}
			r.texts, r.good = append(r.texts, strings.Join(text, " ")), append(r.good, float32(labels[i]))
		}
		return r
	}
	return texts(data.XTrain, data.YTrain), texts(data.XTest, data.YTest), nil
}
