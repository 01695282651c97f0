package secret

// Sealed is an encrypted secret and the name of the key that can open it.
type Sealed struct {
	Ciphertext []byte `json:"ciphertext"`
	KeyVersion string `json:"key_version"`
}
