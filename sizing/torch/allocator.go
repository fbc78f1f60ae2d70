package torch

import "slices"

// The sizes that PyTorch's CUDA caching allocator works with, bytes.
// Source: c10/cuda/CUDACachingAllocator.cpp and c10/core/AllocatorConfig.h.
const (
	minBlock     = 512      // every request is rounded up to it
	smallLimit   = 1 << 20  // requests up to it share small segments
	smallSegment = 2 << 20  // a segment of the small pool
	largeSegment = 20 << 20 // a segment for requests below largeLimit
	largeLimit   = 10 << 20 // from here on a request has a segment of its own
	largeRound   = 2 << 20  // which is rounded up to this
)

// none stands for a block that does not exist.
const none = -1

// block is a stretch of a segment. Free ones are in their pool's list.
type block struct {
	addr, size int64
	prev, next int32 // neighbours in the segment
	small      bool
	free       bool
}

// allocator replays PyTorch's caching allocator: segments are asked of the
// driver, cut into blocks, and kept when blocks are freed. What it holds
// (reserved) is therefore more than what tensors use (allocated).
type allocator struct {
	blocks []block
	pools  [2][]int32 // free blocks by size, then address: large, small
	spare  []int32    // entries of blocks that merged away

	allocated, reserved         int64
	peakAllocated, peakReserved int64
	mapped                      int64 // addresses given out
}

// malloc takes a block for a request and returns its handle; none for nothing.
func (a *allocator) malloc(bytes int64) int32 {
	if bytes <= 0 {
		return none
	}
	size := roundUp(bytes, minBlock)
	small := size <= smallLimit
	i := a.take(size, small)
	if i == none {
		i = a.segment(size, small)
	}
	a.split(i, size)
	a.blocks[i].free = false
	a.allocated += a.blocks[i].size
	a.peakAllocated = max(a.peakAllocated, a.allocated)
	return i
}

func poolOf(small bool) int {
	if small {
		return 1
	}
	return 0
}

// take removes the smallest free block that is large enough from its pool.
func (a *allocator) take(size int64, small bool) int32 {
	pool := &a.pools[poolOf(small)]
	k := a.search(*pool, size, 0)
	if k == len(*pool) {
		return none
	}
	i := (*pool)[k]
	*pool = slices.Delete(*pool, k, k+1)
	return i
}

// search finds where a block of that size and address stands in a pool.
func (a *allocator) search(pool []int32, size, addr int64) int {
	low, high := 0, len(pool)
	for low < high {
		mid := int(uint(low+high) >> 1)
		if b := &a.blocks[pool[mid]]; b.size < size || b.size == size && b.addr < addr {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

// segment asks the driver for room.
func (a *allocator) segment(size int64, small bool) int32 {
	want := roundUp(size, largeRound)
	switch {
	case small:
		want = smallSegment
	case size < largeLimit:
		want = largeSegment
	}
	i := a.entry(block{addr: a.mapped, size: want, prev: none, next: none, small: small})
	a.mapped += want
	a.reserved += want
	a.peakReserved = max(a.peakReserved, a.reserved)
	return i
}

func (a *allocator) entry(b block) int32 {
	if n := len(a.spare); n > 0 {
		i := a.spare[n-1]
		a.spare = a.spare[:n-1]
		a.blocks[i] = b
		return i
	}
	a.blocks = append(a.blocks, b)
	return int32(len(a.blocks) - 1)
}

// split gives what a request leaves of a block back to the pool, unless that
// is too little to be of use.
func (a *allocator) split(i int32, size int64) {
	b := a.blocks[i]
	left := b.size - size
	if b.small && left < minBlock || !b.small && left <= smallLimit {
		return
	}
	rest := a.entry(block{addr: b.addr + size, size: left, prev: i, next: b.next, small: b.small})
	if b.next != none {
		a.blocks[b.next].prev = rest
	}
	a.blocks[i].next, a.blocks[i].size = rest, size
	a.release(rest)
}

// release puts a block into its pool.
func (a *allocator) release(i int32) {
	b := &a.blocks[i]
	b.free = true
	pool := &a.pools[poolOf(b.small)]
	*pool = slices.Insert(*pool, a.search(*pool, b.size, b.addr), i)
}

// free gives a block back; it joins free neighbours.
func (a *allocator) free(i int32) {
	if i == none {
		return
	}
	a.allocated -= a.blocks[i].size
	if p := a.blocks[i].prev; p != none && a.blocks[p].free {
		a.withdraw(p)
		a.join(p, i)
		i = p
	}
	if n := a.blocks[i].next; n != none && a.blocks[n].free {
		a.withdraw(n)
		a.join(i, n)
	}
	a.release(i)
}

// withdraw takes a free block out of its pool.
func (a *allocator) withdraw(i int32) {
	b := &a.blocks[i]
	pool := &a.pools[poolOf(b.small)]
	k := a.search(*pool, b.size, b.addr)
	*pool = slices.Delete(*pool, k, k+1)
}

// join appends the block after to the one before it.
func (a *allocator) join(before, after int32) {
	b := a.blocks[after]
	a.blocks[before].size += b.size
	a.blocks[before].next = b.next
	if b.next != none {
		a.blocks[b.next].prev = before
	}
	a.spare = append(a.spare, after)
}

func roundUp(n, step int64) int64 { return (n + step - 1) / step * step }
