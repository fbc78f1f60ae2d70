// Package catalog holds the facts that runlocal reasons about: models layer by
// layer, devices, quantisation mixes, hosts and prices. It loads them from
// package assets, checks them, and finds them by name. It knows no formula of
// the engine and may import nothing of runlocal but assets.
package catalog
