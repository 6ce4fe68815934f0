// Package xmlscan reads the XML that banks exchange, strictly and in flat
// memory: one root and nothing after it, no document type, no entities but
// the five, bounded depth and tokens. A [Scanner] knows where in the original
// bytes it stands; it is compared with encoding/xml over samples and by
// fuzzing.
package xmlscan
