//go:build windows

package detect

import (
	"fmt"
	"runtime"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// memoryStatus is MEMORYSTATUSEX of the Windows API.
type memoryStatus struct {
	length, load                                    uint32
	totalPhysical, availablePhysical                uint64
	totalPage, availablePage                        uint64
	totalVirtual, availableVirtual, availableExtend uint64
}

// windowsHost asks the Windows API for the memory and the registry for the
// processor.
func windowsHost() (Host, error) {
	h := Host{Threads: runtime.NumCPU(), MemoryNote: "type, speed and channels of the RAM are not asked for on Windows"}
	h.CPU, h.cpuVendor, h.cpuFamily, h.cpuModel = registryCPU()
	kernel := windows.NewLazySystemDLL("kernel32.dll")
	h.Cores = processorRecords(kernel, relationCore)
	h.Sockets = processorRecords(kernel, relationPackage)

	s := memoryStatus{}
	s.length = uint32(unsafe.Sizeof(s))
	if ok, _, err := kernel.NewProc("GlobalMemoryStatusEx").Call(uintptr(unsafe.Pointer(&s))); ok == 0 {
		return h, fmt.Errorf("ask Windows for the memory's size: %w", err)
	}
	total, ok1 := bytesOf(s.totalPhysical)
	free, ok2 := bytesOf(s.availablePhysical)
	if !ok1 || !ok2 || free > total {
		return h, fmt.Errorf("ask Windows for the memory's size: %d of %d bytes free", s.availablePhysical, s.totalPhysical)
	}
	h.Installed, h.Total, h.Available = total, total, free
	return h, nil
}

// registryCPU reads the first processor's name and its identifier, "Intel64
// Family 6 Model 183 Stepping 1".
func registryCPU() (name, vendor, family, model string) {
	k, err := registry.OpenKey(registry.LOCAL_MACHINE, `HARDWARE\DESCRIPTION\System\CentralProcessor\0`, registry.QUERY_VALUE)
	if err != nil {
		return "", "", "", ""
	}
	defer func() { _ = k.Close() }() // only read from: nothing can be lost
	name, _, _ = k.GetStringValue("ProcessorNameString")
	vendor, _, _ = k.GetStringValue("VendorIdentifier")
	id, _, _ := k.GetStringValue("Identifier")
	words := strings.Fields(id)
	for i := 0; i+1 < len(words); i++ {
		switch words[i] {
		case "Family":
			family = words[i+1]
		case "Model":
			model = words[i+1]
		}
	}
	return clean(name), vendor, family, model
}

// The relations of GetLogicalProcessorInformationEx.
const (
	relationCore    = 0
	relationPackage = 3
)

// processorRecords counts the cores or packages; 0 = Windows does not tell.
func processorRecords(kernel *windows.LazyDLL, relation uintptr) int {
	ask := kernel.NewProc("GetLogicalProcessorInformationEx")
	var size uint32
	_, _, _ = ask.Call(relation, 0, uintptr(unsafe.Pointer(&size)))
	if size == 0 || size > largestRead {
		return 0
	}
	buffer := make([]byte, size)
	if ok, _, _ := ask.Call(relation, uintptr(unsafe.Pointer(&buffer[0])), uintptr(unsafe.Pointer(&size))); ok == 0 {
		return 0
	}
	return countRecords(buffer[:size])
}
