resource "google_kms_key_ring" "this" {
  name     = local.name
  location = var.region

  depends_on = [google_project_service.this]
}

resource "google_kms_crypto_key" "grants" {
  name     = "grants"
  key_ring = google_kms_key_ring.this.id
  purpose  = "ENCRYPT_DECRYPT"

  # 90 days. New grants are sealed with the newest version, and none lives
  # longer than six months, so three versions are in use at a time; README.md
  # says when older ones may go.
  rotation_period = "7776000s"

  # The stored grants open with this key and with nothing else.
  lifecycle {
    prevent_destroy = true
  }
}

# Bindings, not members: who else was given one of these roles on the key, by
# whatever means, loses it with the next apply.

resource "google_kms_crypto_key_iam_binding" "encrypter" {
  crypto_key_id = google_kms_crypto_key.grants.id
  role          = "roles/cloudkms.cryptoKeyEncrypter"
  members = [
    module.archiveuser.member, # seals a refresh token that Spotify replaced
    module.signup.member,
  ]
}

resource "google_kms_crypto_key_iam_binding" "decrypter" {
  crypto_key_id = google_kms_crypto_key.grants.id
  role          = "roles/cloudkms.cryptoKeyDecrypter"
  members       = [module.archiveuser.member]
}
