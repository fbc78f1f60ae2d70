// Package glossary is the guide: its entries, the links between them, the
// search over them, and the figures inside their prose, which the engine
// computes for the reader's machine.
//
// An entry is one Markdown file of assets/guide with YAML front matter. The
// package may import assets, catalog and sizing.
package glossary
