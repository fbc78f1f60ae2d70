package request

import (
	"errors"
	"fmt"
	"strings"

	"runlocal/catalog"
)

// nearest rewrites a failed lookup as one line that ends with what it may
// have meant.
func nearest(err error) error {
	var unknown *catalog.NotFoundError
	var several *catalog.AmbiguousError
	switch {
	case errors.As(err, &several):
		return fmt.Errorf("several match; say which: %s", list(several.Candidates))
	case errors.As(err, &unknown) && len(unknown.Candidates) > 0:
		return fmt.Errorf("not in the catalog; nearest: %s", list(unknown.Candidates))
	case errors.As(err, &unknown):
		return errors.New("not in the catalog, and nothing is near")
	}
	return err
}

// nearestOf is the best candidate of a failed lookup, or by edits.
func nearestOf(err error, asked string, all []string) string {
	var unknown *catalog.NotFoundError
	var several *catalog.AmbiguousError
	switch {
	case errors.As(err, &several) && len(several.Candidates) > 0:
		return list(several.Candidates)
	case errors.As(err, &unknown) && len(unknown.Candidates) > 0:
		return unknown.Candidates[0]
	}
	return Nearest(asked, all)
}

// list joins the best few.
func list(names []string) string {
	const most = 3
	return strings.Join(names[:min(most, len(names))], ", ")
}
