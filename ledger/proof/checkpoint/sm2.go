package checkpoint

import (
	"crypto/ecdsa"
	"crypto/rand"
	"encoding/asn1"
	"math/big"

	"github.com/emmansun/gmsm/sm2"
)

// sm2Type is the type of SM2 keys in a vkey. C2SP has assigned SM2 no byte; it
// leaves 0xff, followed by a name that nobody else uses, for such keys.
const sm2Type = "\xfffenlu/sm2-sm3/v1"

// sm2Half is the length of each half of a signature, r and s.
const sm2Half = 32

// sm2Scheme is GB/T 32918.2 over the curve of GB/T 32918.5 with SM3 and the
// user id 1234567812345678 (GM/T 0009). A public key is the uncompressed point
// (65 bytes), a signature r and s, 32 bytes each.
func sm2Scheme() scheme {
	return scheme{algorithm: SM2, prefix: sm2Type, private: sm2Half, generate: sm2Generate, public: sm2Public, check: sm2Check,
		sign: sm2Sign, verify: sm2Verify}
}

func sm2Generate() ([]byte, error) {
	k, err := sm2.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	return k.D.FillBytes(make([]byte, sm2Half)), nil
}

func sm2Public(private []byte) ([]byte, error) {
	k, err := sm2.NewPrivateKey(private)
	if err != nil {
		return nil, err
	}
	return sm2Point(&k.PublicKey)
}

func sm2Point(k *ecdsa.PublicKey) ([]byte, error) {
	p, err := sm2.PublicKeyToECDH(k)
	if err != nil {
		return nil, err
	}
	return p.Bytes(), nil
}

func sm2Check(public []byte) error {
	_, err := sm2.NewPublicKey(public)
	return err
}

// signature is r and s as ASN.1, which the library speaks.
type signature struct{ R, S *big.Int }

func sm2Sign(private, text []byte) ([]byte, error) {
	k, err := sm2.NewPrivateKey(private)
	if err != nil {
		return nil, err
	}
	der, err := k.SignWithSM2(rand.Reader, nil, text)
	if err != nil {
		return nil, err
	}
	var s signature
	if _, err := asn1.Unmarshal(der, &s); err != nil {
		return nil, err
	}
	out := make([]byte, 2*sm2Half)
	s.R.FillBytes(out[:sm2Half])
	s.S.FillBytes(out[sm2Half:])
	return out, nil
}

func sm2Verify(public, text, sig []byte) bool {
	k, err := sm2.NewPublicKey(public)
	if err != nil || len(sig) != 2*sm2Half {
		return false
	}
	der, err := asn1.Marshal(signature{new(big.Int).SetBytes(sig[:sm2Half]), new(big.Int).SetBytes(sig[sm2Half:])})
	return err == nil && sm2.VerifyASN1WithSM2(k, nil, text, der)
}
