package detect

import (
	"context"
	"errors"
	"path"
	"slices"
	"sync"
)

// Poller samples the GPUs of a report again and again. It opens the vendor's
// library at the first sample and keeps it open until Close. It is safe for
// concurrent use.
type Poller struct {
	m       *machine
	gpus    []GPU
	drivers map[string]Driver // by the GPUs' Source
	turn    chan struct{}     // holds one token while a sample is being taken
	closing sync.Once
}

// NewPoller prepares to sample the GPUs of r, looking where o says.
func NewPoller(r Report, o Options) *Poller {
	p := &Poller{m: newMachine(o), gpus: r.GPUs, drivers: map[string]Driver{}, turn: make(chan struct{}, 1)}
	for _, g := range r.GPUs {
		if p.drivers[g.Source] != nil {
			continue
		}
		if d := p.m.NVIDIA(); d != nil && g.Source == d.Name() {
			p.drivers[g.Source] = d
		}
		if smi := (smiDriver{p.m}); g.Source == smi.Name() {
			p.drivers[g.Source] = smi
		}
	}
	return p
}

// Sample returns one entry for each GPU of the report, in its order, within
// the limit of the options. What could not be read is nil; while an earlier
// sample hangs in a driver, everything is.
func (p *Poller) Sample(ctx context.Context) []Live {
	ctx, cancel := context.WithTimeout(ctx, p.m.Limit)
	defer cancel()
	blank := make([]Live, len(p.gpus))
	for i := range blank {
		blank[i].Index = i
	}
	select {
	case p.turn <- struct{}{}:
	default:
		return blank
	}
	done := make(chan []Live, 1)
	go func() {
		live := p.take(ctx)
		<-p.turn // before the answer, so that the next sample finds it free
		done <- live
	}()
	select {
	case live := <-done:
		return live
	case <-ctx.Done():
		return blank
	}
}

func (p *Poller) take(ctx context.Context) []Live {
	byDriver := map[string][]Live{}
	for name, d := range p.drivers {
		live, err := d.Live(ctx)
		if err == nil {
			byDriver[name] = live
		}
	}
	var host Host
	if slices.ContainsFunc(p.gpus, func(g GPU) bool { return g.Memory.Unified }) {
		host, _ = p.m.hostMemory(ctx) // not known: then it says nothing of the GPUs either
	}
	all := make([]Live, len(p.gpus))
	for i, g := range p.gpus {
		all[i] = p.one(g, byDriver[g.Source], host)
		all[i].Index = i
	}
	return all
}

// one is the state of one GPU: what its driver's library told, and what the
// kernel and the host's memory tell.
func (p *Poller) one(g GPU, told []Live, h Host) Live {
	var l Live
	for _, found := range told {
		if found.Index == g.Index {
			l = found
		}
	}
	if g.device != "" {
		p.m.liveSysfs(g, &l)
	}
	if load, ok := p.m.jetsonLoad(); ok && g.board != "" {
		l.Load = &load
	}
	if g.Memory.Unified {
		l.Used = g.sharedUse(h, l.Used)
	}
	return l
}

// liveSysfs reads what the kernel shows of an AMD or Intel GPU.
func (m *machine) liveSysfs(g GPU, l *Live) {
	var s sensors
	switch g.Vendor {
	case "amd":
		s = m.amdSensors(g.device)
		if used, ok := m.number(path.Join(g.device, "mem_info_vram_used")); ok {
			if gtt, ok := m.number(path.Join(g.device, "mem_info_gtt_used")); ok && g.Memory.Unified {
				used += gtt
			}
			l.Used = &used
		}
	case "intel":
		s = m.intelSensors(g.device)
	}
	l.Load, l.Temperature, l.Watts = s.load, s.temperature, s.watts
	if s.clocks != nil {
		l.CoreMHz = s.clocks.Core
	}
}

// sharedUse is what is taken of memory that belongs to the host: what the
// driver counts, or all that the host has not got left.
func (g GPU) sharedUse(h Host, counted *int64) *int64 {
	if h.Total == 0 || counted != nil {
		return counted
	}
	return new(g.Memory.Total - min(g.Memory.Total, h.Available))
}

// RAM samples the host's memory: what is used and the total, bytes; zeros
// where the system does not tell.
func (p *Poller) RAM(ctx context.Context) (used, total int64) {
	h, err := p.m.hostMemory(ctx)
	if err != nil {
		return 0, 0
	}
	return h.Used(), h.Total
}

// hostMemory is the memory part of the host's probe.
func (m *machine) hostMemory(ctx context.Context) (Host, error) {
	switch m.GOOS {
	case "linux":
		return m.linuxMemory()
	case "darwin":
		return m.darwinHost(ctx)
	case "windows":
		return windowsHost()
	default:
		return Host{}, errors.New("no way to ask for the memory on " + m.GOOS)
	}
}

// Close gives the libraries back. A sample that hangs is not waited for.
func (p *Poller) Close() error {
	var err error
	p.closing.Do(func() {
		for _, d := range p.drivers {
			err = errors.Join(err, d.Close())
		}
	})
	return err
}
