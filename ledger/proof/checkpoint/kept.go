package checkpoint

import "slices"

// Kept are checkpoints that somebody kept, each once, and the restarts among
// them.
type Kept struct {
	Checkpoints []Signed
	Restarts    []Restart

	keys []Key
	at   map[Checkpoint]int // where in Checkpoints one is
}

// NewKept is none yet; keys are those of their log.
func NewKept(keys ...Key) Kept { return Kept{keys: keys} }

// Add verifies a note and takes it in. One of a text that is there already
// only adds its signatures; a restart takes out what it gives up. Errors: those
// of Open and OpenRestart.
func (k *Kept) Add(note []byte) error {
	if IsRestart(note) {
		r, err := OpenRestart(note, k.keys...)
		if err != nil {
			return err
		}
		k.restart(r)
		return nil
	}
	c, err := Open(note, k.keys...)
	if err != nil {
		return err
	}
	if i, known := k.at[c.Checkpoint]; known {
		k.Checkpoints[i].Note, err = Merge(k.Checkpoints[i].Note, note)
		return err
	}
	if k.at == nil {
		k.at = map[Checkpoint]int{}
	}
	k.at[c.Checkpoint] = len(k.Checkpoints)
	k.Checkpoints = append(k.Checkpoints, c)
	return nil
}

// restart takes out the checkpoints of what was given up.
func (k *Kept) restart(r Restart) {
	k.Restarts = append(k.Restarts, r)
	k.Checkpoints = slices.DeleteFunc(k.Checkpoints, func(c Signed) bool { return c.Size > r.Kept })
	clear(k.at)
	for i, c := range k.Checkpoints {
		k.at[c.Checkpoint] = i
	}
}

// Restarted says whether there is a restart that names this leaf.
func (k *Kept) Restarted(leaf string) bool {
	return slices.ContainsFunc(k.Restarts, func(r Restart) bool { return r.Leaf == leaf })
}

// Largest is the largest of the checkpoints, size 0 where there is none.
func (k *Kept) Largest() Checkpoint {
	var last Checkpoint
	for _, c := range k.Checkpoints {
		if c.Size > last.Size {
			last = c.Checkpoint
		}
	}
	return last
}
