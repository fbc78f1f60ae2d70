package glossary

// NewPage makes an entry that is not of the guide out of Markdown that was
// written at run time, such as the answer to a log: it can be shown and its
// links followed like any other. Code blocks are literal; what cannot be read
// as a link or a figure stays text.
func NewPage(id, title, category, markdown string) *Entry {
	e := &Entry{ID: id, Title: title, Kind: "page", Category: category}
	e.body = parseBody([]byte(markdown), 1, &problems{file: id})
	e.lead = e.body.leadPieces()
	return e
}
