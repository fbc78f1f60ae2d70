package catalog

import "testing"

func TestReleasesHaveTheirEras(t *testing.T) {
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for release, want := range map[string]string{
		"": c.VLLM.Eras[0].ID, "0.33.0": "0.28", "0.27.1": "0.25", "0.19.1": "0.16", "0.11.2": "0.11", "0.10.2": "0.9.2",
		"0.9.2": "0.9.2", "0.9.1": "0.9", "0.8.5": "0.8", "v0": "v0", "0.6.4": "0.6",
	} {
		if e := c.VLLM.Era(release); e == nil || e.ID != want {
			t.Errorf("release %q: era %v, want %s", release, e, want)
		}
	}
	for _, release := range []string{"0.5", "x", "0.-1", "1e3", "."} {
		if e := c.VLLM.Era(release); e != nil {
			t.Errorf("release %q has era %s", release, e.ID)
		}
	}
	if !c.VLLM.Older("0.6", "0.28") || c.VLLM.Older("0.28", "0.28") {
		t.Error("the order of eras is lost")
	}
}
