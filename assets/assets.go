// Package assets embeds the data and the prose of the field guide: records of
// models, devices, hosts, prices and quantisation mixes as JSON, and the guide
// as Markdown. It interprets nothing; README.md tells the formats.
package assets

import "embed"

// FS holds every data file under the path it has in this folder:
// models/*.json, devices/*.json, hosts/*.json, prices/*.json, quants/*.json,
// architectures/*.json, runtimes/*.json, overheads/*.json, guide/**.
//
//go:embed models devices hosts prices guide quants architectures runtimes overheads
var FS embed.FS
