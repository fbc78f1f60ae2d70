package units

import "testing"

func TestBytesAtTheUnitBoundaries(t *testing.T) {
	for _, c := range []struct {
		b    int64
		want string
	}{
		{0, "0 B"}, {1023, "1023 B"}, {1024, "1 KiB"}, {128 << 10, "128 KiB"}, {1536, "1.50 KiB"},
		{1<<20 - 1, "1.00 MiB"}, {512 << 20, "512 MiB"}, {1 << 30, "1.00 GiB"}, {1<<30 - 1, "1.00 GiB"},
		{1000 << 20, "1000 MiB"}, {1023 << 20, "1023 MiB"}, {16 << 30, "16.0 GiB"}, {6818000000, "6.35 GiB"},
		{1 << 40, "1.00 TiB"}, {-(3 << 30), "-3.00 GiB"}, {9223372036854775807, "8.00 EiB"},
	} {
		if got := Bytes(c.b); got != c.want {
			t.Errorf("Bytes(%d) = %q, want %q", c.b, got, c.want)
		}
	}
}

func TestShortNumbers(t *testing.T) {
	for got, want := range map[string]string{
		Count(131072): "131,072", Count(-1000): "-1,000", Count(12): "12",
		Context(8192): "8K", Context(131072): "128K", Context(1 << 20): "1M", Context(512): "512", Context(40960): "40K",
		Params(8030261248): "8.03B", Params(494032768): "494M", Params(70553706496): "70.6B", Params(1026408232448): "1.03T",
		Params(671026419200): "671B",
		Rate(0.84):           "0.8", Rate(12.4): "12", Rate(6249): "6,200", Band(112, 131): "≈112–131", Band(12.1, 12.2): "≈12",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
