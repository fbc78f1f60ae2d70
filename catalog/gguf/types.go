package gguf

// Type is a tensor type by ggml's number for it.
type Type uint32

// Layout is how a type stores a row: Bytes for every Block elements.
type Layout struct {
	Name         string // as in the catalog: "Q4_K"
	Block, Bytes int64
}

// Layout tells how the type stores a row; ok is false for a number that ggml
// has not given away, or has taken back.
func (t Type) Layout() (l Layout, ok bool) {
	if int64(t) >= int64(len(layouts)) || layouts[t].Block == 0 {
		return Layout{}, false
	}
	return layouts[t], true
}

// takenBack tells of the first two four-bit types and of those that were
// packed for one kind of processor, which runtimes now do while loading.
func (t Type) takenBack() bool {
	return t == 4 || t == 5 || t >= 31 && t <= 33 || t >= 36 && t <= 38
}

// String is the type's name.
func (t Type) String() string {
	if l, ok := t.Layout(); ok {
		return l.Name
	}
	return "unknown"
}

// layouts are ggml's types in its numbering (ggml.h, gguf-py's constants, as
// of September 2026). Gaps are types that were taken back.
//
//nolint:gochecknoglobals // a constant of the file format, in the only form that Go has for it
var layouts = [...]Layout{
	0: {"F32", 1, 4}, 1: {"F16", 1, 2}, 2: {"Q4_0", 32, 18}, 3: {"Q4_1", 32, 20},
	6: {"Q5_0", 32, 22}, 7: {"Q5_1", 32, 24}, 8: {"Q8_0", 32, 34}, 9: {"Q8_1", 32, 36},
	10: {"Q2_K", 256, 84}, 11: {"Q3_K", 256, 110}, 12: {"Q4_K", 256, 144}, 13: {"Q5_K", 256, 176},
	14: {"Q6_K", 256, 210}, 15: {"Q8_K", 256, 292},
	16: {"IQ2_XXS", 256, 66}, 17: {"IQ2_XS", 256, 74}, 18: {"IQ3_XXS", 256, 98}, 19: {"IQ1_S", 256, 50},
	20: {"IQ4_NL", 32, 18}, 21: {"IQ3_S", 256, 110}, 22: {"IQ2_S", 256, 82}, 23: {"IQ4_XS", 256, 136},
	24: {"I8", 1, 1}, 25: {"I16", 1, 2}, 26: {"I32", 1, 4}, 27: {"I64", 1, 8}, 28: {"F64", 1, 8},
	29: {"IQ1_M", 256, 56}, 30: {"BF16", 1, 2}, 34: {"TQ1_0", 256, 54}, 35: {"TQ2_0", 256, 66},
	39: {"MXFP4", 32, 17}, 40: {"NVFP4", 64, 36}, 41: {"Q1_0", 128, 18}, 42: {"Q2_0", 64, 18},
}

// fileTypes are llama.cpp's names for general.file_type (llama.h). Gaps are
// types that were taken back.
//
//nolint:gochecknoglobals // a constant of the file format, in the only form that Go has for it
var fileTypes = [...]string{
	0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K",
	11: "Q3_K_S", 12: "Q3_K_M", 13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K",
	19: "IQ2_XXS", 20: "IQ2_XS", 21: "Q2_K_S", 22: "IQ3_XS", 23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL", 26: "IQ3_S",
	27: "IQ3_M", 28: "IQ2_S", 29: "IQ2_M", 30: "IQ4_XS", 31: "IQ1_M", 32: "BF16", 36: "TQ1_0", 37: "TQ2_0",
	38: "MXFP4_MOE", 39: "NVFP4", 40: "Q1_0",
}

// AsInFile is the precision of a file that does not name one.
const AsInFile = "as in the file"

// Quant is the precision that the file says it has ("Q4_K_M"), or AsInFile.
// Custom mixes carry the name of what they started from; their tensors tell
// the truth.
func (f *File) Quant() string {
	n, ok := f.Int("general.file_type")
	if !ok || n < 0 || n >= int64(len(fileTypes)) || fileTypes[n] == "" {
		return AsInFile
	}
	return fileTypes[n]
}
