package flags

import (
	"path"
	"slices"
	"strings"
)

// ends handles switches behind which the words are no longer the program's
// own: python -m module, python -c text, sh -c text.
func (w *walk) ends(word string, rest []string) bool {
	switch {
	case w.level().Wraps == wrapsPython && word == "-m" && len(rest) > 0:
		w.python("python -m "+rest[0], rest[1:])
	case w.level().Wraps == wrapsPython && word == "-c":
	case w.level().Wraps == wrapsScript && strings.HasSuffix(word, "c") && !strings.HasPrefix(word, "--") && len(rest) > 0:
		for _, p := range w.set.Shell(rest[0], w.place) {
			w.say("%s", p.Text)
		}
	default:
		return false
	}
	return true
}

// behind checks the words behind the switches of a program that runs others.
func (w *walk) behind(words []string) {
	switch w.level().Wraps {
	case wrapsCommand:
		w.command(words)
	case wrapsPython:
		w.python(path.Base(words[0]), words[1:])
	case wrapsContainer:
		w.command(words[1:])
	case wrapsImage:
		w.image(words[0], words[1:])
	}
}

// python checks a script or a module with its arguments.
func (w *walk) python(name string, args []string) {
	if name == "-" {
		return // the script comes from standard input
	}
	w.command(slices.Concat([]string{name}, args))
}

// image checks what goes to the program of a container image.
func (w *walk) image(image string, args []string) {
	bare := image
	if slash, colon := strings.LastIndex(image, "/"), strings.LastIndex(image, ":"); colon > slash {
		bare = image[:colon]
	}
	program, known := w.level().Images[image]
	if !known {
		program, known = w.level().Images[bare]
	}
	switch {
	case !known:
		w.say("what the arguments of the image %s go to is not known: add it to the images of flags/docker.json", bare)
	case program == "" || len(args) == 0:
		w.command(args)
	default:
		w.command(slices.Concat(strings.Fields(program), args))
	}
}
