package catalog

import (
	"fmt"
	"math"
)

const (
	exactTolerance   = 0.001 // of the published count: buffers, position ids and the like
	roundedTolerance = 0.04  // at most, however coarsely the count was rounded
)

// checkPublished compares the parameters that the blocks add up to, with the
// parts that the published count is said to include, against that count. The
// two may differ by 0.1 %, or by one unit of the last digit that the published
// count states ("6.7 billion": by 0.1 billion, as makers round and truncate
// alike), but never by more than 4 %. A record without a published count is
// taken at its word.
func (m *Model) checkPublished() error {
	if m.PublishedParams == 0 {
		return nil
	}
	computed := m.Parameters()
	for _, part := range m.PublishedIncludes {
		n, err := m.partParams(part)
		if err != nil {
			return err
		}
		computed += n
	}
	published := float64(m.PublishedParams)
	tolerance := max(exactTolerance*published, min(roundedTolerance*published, float64(lastDigit(m.PublishedParams))))
	if diff := math.Abs(float64(computed) - published); diff > tolerance {
		return fmt.Errorf("the blocks add up to %d parameters, published are %d: %.2f %% apart, more than the %.2f %% that its precision allows",
			computed, m.PublishedParams, 100*diff/published, 100*tolerance/published)
	}
	return nil
}

// partParams is the count of a part beside the text model.
func (m *Model) partParams(part string) (int64, error) {
	switch {
	case part == "vision" && m.Vision != nil:
		return m.Vision.Params, nil
	case part == "audio" && m.Audio != nil:
		return m.Audio.Params, nil
	case part == "mtp" && m.MTP != nil:
		return m.MTP.Params, nil
	case part == "tied_head" && m.TiedEmbeddings:
		return int64(m.Vocab) * int64(m.Hidden), nil
	default:
		return 0, fmt.Errorf("published_includes names %q, which the record does not have", part)
	}
}

// lastDigit is the weight of the last digit of n that is not zero: 100 for
// 1,200. n is positive.
func lastDigit(n int64) int64 {
	unit := int64(1)
	for n%(unit*10) == 0 {
		unit *= 10
	}
	return unit
}
