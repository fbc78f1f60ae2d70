package hardware

import (
	"fmt"

	"runlocal/catalog"
	"runlocal/sizing/units"
)

// priceLines say what the device costs to buy and to rent, with dates.
func priceLines(c *catalog.Catalog, d *catalog.Device) []string {
	var lines []string
	if d.LaunchPriceUSD != nil {
		lines = append(lines, "launched at $"+units.Count(*d.LaunchPriceUSD))
	}
	if s := d.StreetPrice; s != nil {
		price := fmt.Sprintf("$%.0f", s.Low)
		if s.High > s.Low {
			price += fmt.Sprintf(" to $%.0f", s.High)
		}
		lines = append(lines, fmt.Sprintf("seen %s at %s (%s)", s.Condition, price, s.Date))
	} else if d.StreetPriceUSD != nil {
		lines = append(lines, "seen at $"+units.Count(*d.StreetPriceUSD))
	}
	prices, err := c.Prices()
	if err != nil {
		return append(lines, "prices of rented ones can't be read: "+err.Error())
	}
	for _, kind := range []string{"on-demand", "spot"} {
		if line := cheapest(prices, d.ID, kind); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// cheapest is the lowest rent of a kind.
func cheapest(p *catalog.Prices, device, kind string) string {
	var best *catalog.CloudPrice
	offers := 0
	for i := range p.Cloud {
		c := &p.Cloud[i]
		if c.DeviceID == nil || *c.DeviceID != device || c.Pricing != kind {
			continue
		}
		offers++
		if best == nil || c.PerGPUHour < best.PerGPUHour {
			best = c
		}
	}
	if best == nil {
		return ""
	}
	line := fmt.Sprintf("rented from $%.2f an hour (%s, %s, %s)", best.PerGPUHour, best.Provider, kind, best.Date)
	if best.Confidence == "recalled" {
		line += ", recalled"
	}
	return line
}
