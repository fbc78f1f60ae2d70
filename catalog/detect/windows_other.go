//go:build !windows

package detect

// windowsHost is asked only where the options claim a Windows that is not
// there.
func windowsHost() (Host, error) {
	return Host{}, &problem{state: Missing, detail: "this build cannot ask Windows"}
}
