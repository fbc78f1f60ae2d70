package glossary

import (
	"sync"
	"testing"

	"runlocal/catalog"
	"runlocal/sizing"
)

// loadGuide loads the real guide once for all tests.
//
//nolint:gochecknoglobals // shared by the tests of this package, never written
var loadGuide = sync.OnceValues(func() (*Glossary, error) {
	c, err := catalog.Load()
	if err != nil {
		return nil, err
	}
	return Load(sizing.NewEngine(c), c)
})

func theGuide(t testing.TB) *Glossary {
	t.Helper()
	g, err := loadGuide()
	if err != nil {
		t.Fatal(err)
	}
	return g
}
