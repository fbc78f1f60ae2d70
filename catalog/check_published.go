package catalog

func (m *Model) checkPublished() error { return nil }
