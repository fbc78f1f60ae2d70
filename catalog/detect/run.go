package detect

import (
	"context"
	"fmt"
	"time"

	"runlocal/catalog"
)

// Run looks at the machine and returns what every source told, never later
// than the limit of one source plus a moment. c may be nil: then no GPU is tied
// to a record. Cancelling ctx ends it early, with the sources that are still
// out reported as timed out.
func Run(ctx context.Context, c *catalog.Catalog, o Options) Report {
	return run(ctx, newFinder(c), newMachine(o))
}

// finding is what one probe brings home.
type finding struct {
	sources []Source
	gpus    []GPU
	host    *Host
}

// probe is one independent way of looking.
type probe struct {
	name string
	look func(context.Context, *machine) finding
}

func probesFor(goos string) []probe {
	host := probe{"host", probeHost}
	nvidia := probe{"NVIDIA", probeNVIDIA}
	switch goos {
	case "linux":
		return []probe{nvidia, {"AMD (sysfs)", probeAMD}, {"Intel (sysfs)", probeIntel}, host}
	case "darwin":
		return []probe{{"system_profiler", probeApple}, host}
	default:
		return []probe{nvidia, host}
	}
}

func run(ctx context.Context, f finder, m *machine) Report {
	start := time.Now()
	ctx, cancel := context.WithTimeout(ctx, m.Limit)
	defer cancel()

	probes := probesFor(m.GOOS)
	answers := make([]chan finding, len(probes))
	for i, p := range probes {
		answers[i] = make(chan finding, 1) // buffered: a late answer finds room and its goroutine ends
		go func() { answers[i] <- p.safely(ctx, m) }()
	}
	var r Report
	for i, p := range probes {
		r.add(await(ctx, p, answers[i], m.Limit))
	}
	settle(&r, f, m)
	r.Took = time.Since(start)
	return r
}

// await takes a probe's answer, or says that it did not come. A probe that
// notices the deadline itself gets a moment to say what it knows.
func await(ctx context.Context, p probe, answer <-chan finding, limit time.Duration) finding {
	select {
	case f := <-answer:
		return f
	case <-ctx.Done():
	}
	grace := time.NewTimer(min(limit/10, 150*time.Millisecond))
	defer grace.Stop()
	select {
	case f := <-answer:
		return f
	case <-grace.C:
		return finding{sources: []Source{timedOut(p.name, limit)}}
	}
}

func timedOut(name string, limit time.Duration) Source {
	return Source{
		Name: name, State: Timeout,
		Detail: fmt.Sprintf("no answer within %v", limit),
		Fix:    hungDriver,
	}
}

// safely turns a panic below (a driver binding gone wrong) into a report.
func (p probe) safely(ctx context.Context, m *machine) (f finding) {
	defer func() {
		if v := recover(); v != nil {
			f = finding{sources: []Source{{Name: p.name, State: Failed, Detail: clean(fmt.Sprint("panic: ", v))}}}
		}
	}()
	return p.look(ctx, m)
}

func (r *Report) add(f finding) {
	r.Sources = append(r.Sources, f.sources...)
	r.GPUs = append(r.GPUs, f.gpus...)
	if f.host != nil {
		r.Host = *f.host
	}
}
