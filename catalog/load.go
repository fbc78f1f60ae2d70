package catalog

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"runlocal/assets"
)

// Catalog is everything that runlocal knows, checked and ready to be asked.
// It is read-only after loading and safe for concurrent use.
type Catalog struct {
	Models  []*Model // by family file, then as the file has them; user models last
	Devices []*Device
	Quants  []*Quant               // best first
	Types   map[string]*TensorType // by name as GGUF writes it
	Schemes []*Scheme              // how other runtimes store weights, widest first
	Hosts   Hosts

	Builds          []*Build // llama.cpp's eras, the newest first
	VLLM            *Server
	SGLang          *Server
	Overheads       []*Overhead                // what drivers take; the last row that matches counts
	Architectures   map[string]*Architecture   // by GGUF's general.architecture
	HFArchitectures map[string]*HFArchitecture // by Transformers' model class

	Warnings []Warning // user records that were left out, and why

	prices func() (*Prices, error)
	index  index
}

// Load reads the embedded catalog. An error means that the program itself was
// built with a bad record; it names file, record and reason.
func Load() (*Catalog, error) {
	c, err := load(assets.FS)
	if err != nil {
		return nil, fmt.Errorf("load the embedded catalog: %w", err)
	}
	return c, nil
}

// load reads a catalog from a folder with the layout of package assets.
func load(fsys fs.FS) (*Catalog, error) {
	c := &Catalog{prices: sync.OnceValues(func() (*Prices, error) { return loadPrices(fsys) })}
	var g errgroup.Group
	g.Go(func() (err error) {
		c.Models, err = loadSet[Model](fsys, "models")
		return err
	})
	g.Go(func() (err error) {
		c.Devices, err = loadSet[Device](fsys, "devices")
		return err
	})
	g.Go(func() (err error) {
		c.Hosts, err = loadHosts(fsys)
		return err
	})
	g.Go(func() error { return c.loadQuants(fsys) })
	g.Go(func() error { return c.loadSchemes(fsys) })
	g.Go(func() error { return c.loadArchitectures(fsys) })
	g.Go(func() error { return c.loadBuilds(fsys) })
	g.Go(func() error { return c.loadServers(fsys) })
	g.Go(func() error { return c.loadOverheads(fsys) })
	g.Go(func() error { return c.loadHFArchitectures(fsys) })
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return c, nil
}

// Prices returns the prices, which are parsed when first asked for.
func (c *Catalog) Prices() (*Prices, error) {
	if c.prices == nil {
		return nil, errors.New("this catalog has no prices")
	}
	return c.prices()
}

// record is a model or a device, as the loader sees it.
type record[T any] interface {
	*T
	identified
	check() error   // is it a usable record?
	bounded() error // are its numbers ones that can be reckoned with?
}

type identified interface{ recordID() string }

func (m *Model) recordID() string  { return m.ID }
func (d *Device) recordID() string { return d.ID }

// loadSet reads every JSON file of a folder in parallel, checks each record
// and refuses an id that occurs twice.
func loadSet[T any, P record[T]](fsys fs.FS, dir string) ([]P, error) {
	files, err := jsonFiles(fsys, dir)
	if err != nil {
		return nil, err
	}
	sets := make([][]P, len(files))
	var g errgroup.Group
	for i, file := range files {
		g.Go(func() (err error) {
			sets[i], err = loadFile[T, P](fsys, file)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return joinSets(files, sets)
}

func loadFile[T any, P record[T]](fsys fs.FS, file string) ([]P, error) {
	data, err := fs.ReadFile(fsys, file)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	records, err := decodeRecords[T, P](file, data)
	if err != nil {
		return nil, err
	}
	for _, r := range records {
		if err := r.check(); err != nil {
			return nil, &RecordError{File: file, Record: r.recordID(), Reason: err.Error()}
		}
	}
	return records, nil
}

func joinSets[P identified](files []string, sets [][]P) ([]P, error) {
	n := 0
	for _, s := range sets {
		n += len(s)
	}
	all := make([]P, 0, n)
	seen := make(map[string]string, n)
	for i, s := range sets {
		for _, r := range s {
			if first, ok := seen[r.recordID()]; ok {
				return nil, &RecordError{File: files[i], Record: r.recordID(), Reason: "the same id as in " + first}
			}
			seen[r.recordID()] = files[i]
		}
		all = append(all, s...)
	}
	return all, nil
}

func jsonFiles(fsys fs.FS, dir string) ([]string, error) {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", dir, err)
	}
	var files []string
	for _, e := range entries {
		if !e.IsDir() && strings.HasSuffix(e.Name(), ".json") {
			files = append(files, path.Join(dir, e.Name()))
		}
	}
	return files, nil
}

func loadHosts(fsys fs.FS) (Hosts, error) {
	var h Hosts
	var about struct {
		Version string `json:"version"`
		Note    string `json:"note"`
	}
	err := errors.Join(
		decodeFile(fsys, "hosts/about.json", &about),
		decodeFile(fsys, "hosts/memory.json", &h.Memory),
		decodeFile(fsys, "hosts/cpu-platforms.json", &h.CPUPlatforms),
		decodeFile(fsys, "hosts/pcie.json", &h.PCIe),
		decodeFile(fsys, "hosts/links.json", &h.Links),
		decodeFile(fsys, "hosts/storage.json", &h.Storage),
		decodeFile(fsys, "hosts/efficiency.json", &h.Efficiency),
	)
	h.Version, h.Note = about.Version, about.Note
	return h, err
}

func loadPrices(fsys fs.FS) (*Prices, error) {
	var p Prices
	var about struct {
		Version  string `json:"version"`
		Currency string `json:"currency"`
	}
	err := errors.Join(
		decodeFile(fsys, "prices/about.json", &about),
		decodeFile(fsys, "prices/cloud.json", &p.Cloud),
		decodeFile(fsys, "prices/api.json", &p.API),
		decodeFile(fsys, "prices/electricity.json", &p.Electricity),
		decodeFile(fsys, "prices/power.json", &p.Power),
		decodeFile(fsys, "prices/sources.json", &p.Sources),
	)
	if err != nil {
		return nil, fmt.Errorf("load the prices: %w", err)
	}
	p.Version, p.Currency = about.Version, about.Currency
	return &p, nil
}
