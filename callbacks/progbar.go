package callbacks

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

const (
	barWidth       = 30   // characters between the brackets
	redrawInterval = 0.05 // seconds that must pass between two drawings
)

// progbar makes the text of one Keras 2 progress bar. Times are seconds on any steady clock.
type progbar struct {
	target  int // steps; 0 if unknown
	verbose int // 1 bar, 2 one line at the end
	dynamic bool

	start, lastDraw float64
	afterFirst      float64 // when the first step had ended
	hasFirst        bool
	shown           int // width of what the line shows now
}

func newProgbar(target, verbose int, dynamic bool, now float64) *progbar {
	return &progbar{target: target, verbose: verbose, dynamic: dynamic, start: now, lastDraw: math.Inf(-1)}
}

// due reports whether an unfinished bar may be drawn again, without looking at any value.
func (p *progbar) due(now float64) bool {
	return p.verbose == 1 && p.dynamic && now-p.lastDraw >= redrawInterval
}

// draw returns what to write after current steps. last ends the line.
func (p *progbar) draw(current int, logs *Logs, last bool, now float64) string {
	if p.verbose == 2 {
		if !last {
			return ""
		}
		perEpoch := now - p.start
		perStep := perEpoch / float64(max(p.target, 1))
		return p.count(current) + " - " + formatFloat(now-p.start, 'f', 0) + "s" + fields(logs, lineReadable) +
			" - " + formatDuration(perEpoch, "epoch") + " - " + formatDuration(perStep, "step") + "\n"
	}

	bar := p.bar(current)
	perStep := p.stepDuration(current, now)
	var info string
	if p.target == 0 || last {
		info = " - " + formatFloat(now-p.start, 'f', 0) + "s " + formatDuration(perStep, "step")
	} else {
		info = " - ETA: " + formatETA(perStep*float64(p.target-current))
	}
	info += values(logs)

	var out strings.Builder
	before := p.shown
	// A metric's name may hold any character; what counts is what a terminal shows.
	p.shown = len([]rune(bar)) + len([]rune(info))
	if p.dynamic {
		out.WriteString(strings.Repeat("\b", before))
		out.WriteByte('\r')
	}
	out.WriteString(bar)
	out.WriteString(info)
	if p.dynamic && before > p.shown {
		out.WriteString(strings.Repeat(" ", before-p.shown))
	}
	if last {
		out.WriteByte('\n')
	}
	p.lastDraw = now
	return out.String()
}

func (p *progbar) count(current int) string {
	return fmt.Sprintf("%*d/%d", len(strconv.Itoa(p.target)), current, p.target)
}

func (p *progbar) bar(current int) string {
	if p.target == 0 {
		return fmt.Sprintf("%7d/Unknown", current)
	}
	filled := int(barWidth * (float64(current) / float64(p.target)))
	filled = max(0, min(filled, barWidth))
	var done string
	if filled > 0 {
		tip := "="
		if current < p.target {
			tip = ">"
		}
		done = strings.Repeat("=", filled-1) + tip
	}
	return p.count(current) + " [" + done + strings.Repeat(".", barWidth-filled) + "]"
}

// stepped notes that a step has ended. The first is left out of the average: it includes the compilation.
func (p *progbar) stepped(current int, now float64) {
	if current == 1 && !p.hasFirst {
		p.afterFirst, p.hasFirst = now, true
	}
}

func (p *progbar) stepDuration(current int, now float64) float64 {
	switch {
	case current <= 0:
		return 0
	case p.hasFirst && current > 1:
		return (now - p.afterFirst) / float64(current-1)
	default:
		return (now - p.start) / float64(current)
	}
}

func values(logs *Logs) string { return fields(logs, readable) }

func fields(logs *Logs, shown func(float64) string) string {
	var out strings.Builder
	for name, v := range logs.All() {
		out.WriteString(" - " + name + ": " + shown(v))
	}
	return out.String()
}

// readable is a value of the logs as Keras's progress bar shows it.
func readable(v float64) string {
	if math.Abs(v) > 1e-3 {
		return formatFloat(v, 'f', 4)
	}
	return formatFloat(v, 'e', 4)
}

// lineReadable is a value as Keras writes it in the lines of verbose=2, where all that is negative has an exponent.
func lineReadable(v float64) string {
	if v > 1e-3 {
		return formatFloat(v, 'f', 4)
	}
	return formatFloat(v, 'e', 4)
}

func formatDuration(seconds float64, unit string) string {
	switch {
	case seconds >= 1 || seconds == 0:
		return formatFloat(seconds, 'f', 0) + "s/" + unit
	case seconds >= 1e-3:
		return formatFloat(seconds*1e3, 'f', 0) + "ms/" + unit
	default:
		return formatFloat(seconds*1e6, 'f', 0) + "us/" + unit
	}
}

func formatETA(seconds float64) string {
	s := int64(min(seconds, 1<<53))
	switch {
	case seconds > 3600:
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s%3600/60, s%60)
	case seconds > 60:
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	default:
		return fmt.Sprintf("%ds", s)
	}
}
