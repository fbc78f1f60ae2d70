package request

import (
	"fmt"

	"runlocal/catalog"
	"runlocal/sizing"
)

// Apply is settings with one of them read from text, in the words of the
// commands. The other settings stay as they are.
func Apply(s sizing.Settings, key, value string, m *catalog.Model, c *catalog.Catalog) (sizing.Settings, error) {
	if _, err := findKey(key); err != nil {
		return s, err
	}
	for _, set := range setters() {
		if set.key != key {
			continue
		}
		next := s
		if err := set.apply(&next, value, m, c); err != nil {
			return s, fmt.Errorf("%s %s: %w", key, quoted(value), err)
		}
		return next, nil
	}
	return s, fmt.Errorf("%s is no setting", key)
}
