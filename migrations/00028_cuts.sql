-- +goose NO TRANSACTION
-- +goose Up
-- Cuts of a plan of temporary aid as proposals that a second person approves;
-- payment vouchers that were voided; which channels want vouchers since when.

CREATE SEQUENCE IF NOT EXISTS aid_cut_id_seq INCREMENT BY 1;
CREATE SEQUENCE IF NOT EXISTS channel_voucher_id_seq INCREMENT BY 1;

-- owner: disbursement/batch
-- append-only
-- What a later instalment of an approved plan is to become (缩减、停发): it counts
-- from its approval on, a row of approval that is bound to digest.
CREATE TABLE IF NOT EXISTS aid_cut (
    id         bigint      PRIMARY KEY,
    plan       bigint      NOT NULL,
    no         integer     NOT NULL,
    amount_fen bigint      NOT NULL,
    reason     text        NOT NULL,
    maker      text        NOT NULL,
    made_at    timestamptz NOT NULL,
    digest     bytea       NOT NULL,
    CONSTRAINT aid_cut_amount CHECK (amount_fen >= 0)
);
-- the cuts of a plan
CREATE INDEX IF NOT EXISTS aid_cut_plan ON aid_cut (plan, id);
GRANT SELECT, INSERT ON aid_cut TO fenlu_app;

-- owner: disbursement/batch
-- append-only
-- A payment voucher (支付凭证) that was voided (作废): it covers nothing since.
CREATE TABLE IF NOT EXISTS batch_voucher_void (
    voucher   bigint      PRIMARY KEY,
    reason    text        NOT NULL,
    voided_by text        NOT NULL,
    voided_at timestamptz NOT NULL
);
GRANT SELECT, INSERT ON batch_voucher_void TO fenlu_app;

-- owner: disbursement/payment
-- append-only
-- Whether a channel is paid by payment vouchers, each time somebody said so; the
-- last one stands in channel.
CREATE TABLE IF NOT EXISTS channel_voucher (
    id          bigint      PRIMARY KEY,
    channel     text        NOT NULL,
    needed      boolean     NOT NULL,
    recorded_by text        NOT NULL,
    recorded_at timestamptz NOT NULL
);
-- the last of a channel
CREATE INDEX IF NOT EXISTS channel_voucher_channel ON channel_voucher (channel, id);
GRANT SELECT, INSERT ON channel_voucher TO fenlu_app;

GRANT USAGE ON SEQUENCE aid_cut_id_seq TO fenlu_app;
GRANT USAGE ON SEQUENCE channel_voucher_id_seq TO fenlu_app;
