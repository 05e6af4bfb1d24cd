package penstock.inventory;

import java.util.List;
import penstock.records.Answer;
import penstock.records.Message;
import penstock.records.Release;
import penstock.records.Reservation;
import penstock.records.ReservationRejected;
import penstock.records.ReservationResolved;
import penstock.records.ReservationState;
import penstock.records.Reserve;
import penstock.records.Reserved;

/** A reservation resolves once; every repetition is answered from the stored outcome and moves nothing. */
final class Reservations {
    private Reservations() {}

    /** Grants the whole quantity or rejects it with fresh numbers; returns what is to be stored, null: nothing new. */
    static Reservation reserve(Inventory.Move move, Reserve command, Reservation prior) {
        if (prior != null) {
            move.answer(switch (prior.state) {
                case RESERVED -> reserved(move, command, prior.quantity);
                case REJECTED -> rejected(move, command);
                default -> resolved(move, command.commandId, prior, again(prior.state));
            });
            return null;
        }
        int sellable = Balances.sellableAt(move.stock, command.warehouse);
        boolean granted = command.quantity > 0 && command.quantity <= sellable;
        if (granted) {
            Message alert = move.move(command.warehouse, 0, command.quantity, null);
            move.answer(reserved(move, command, command.quantity));
            move.answer(alert);
        } else {
            move.answer(rejected(move, command));
        }
        Reservation outcome = new Reservation();
        outcome.reservationId = command.reservationId;
        outcome.orderId = command.orderId;
        outcome.sku = command.sku;
        outcome.warehouse = command.warehouse;
        outcome.quantity = command.quantity;
        outcome.state = granted ? ReservationState.RESERVED : ReservationState.REJECTED;
        outcome.expiresAtMs = command.expiresAtMs;
        outcome.commandId = command.commandId;
        return outcome;
    }

    /** Gives the units back to sale; what was never reserved is remembered, so that a late Reserve takes nothing. */
    static Reservation release(Inventory.Move move, Release command, Reservation prior) {
        if (prior == null) {
            Reservation never = new Reservation();
            never.reservationId = command.reservationId;
            never.orderId = command.orderId;
            never.sku = command.sku;
            never.warehouse = command.warehouse;
            never.state = ReservationState.REJECTED;
            never.commandId = command.commandId;
            never.resolvedBy = command.commandId;
            move.answer(resolved(move, command.commandId, never, Answer.NEVER_RESERVED));
            return never;
        }
        if (prior.state != ReservationState.RESERVED) {
            move.answer(resolved(move, command.commandId, prior, again(prior.state)));
            return null;
        }
        Message alert = move.move(prior.warehouse, 0, -prior.quantity, null);
        prior.state = ReservationState.RELEASED;
        prior.resolvedBy = command.commandId;
        move.answer(resolved(move, command.commandId, prior, Answer.RELEASED));
        Backorders.wake(move);
        move.answer(alert);
        return prior;
    }

    private static Answer again(ReservationState state) {
        return switch (state) {
            case COMMITTED -> Answer.ALREADY_COMMITTED;
            case RELEASED -> Answer.ALREADY_RELEASED;
            case EXPIRED -> Answer.ALREADY_EXPIRED;
            case REJECTED, RESERVED -> Answer.NEVER_RESERVED;
        };
    }

    private static Reserved reserved(Inventory.Move move, Reserve command, int quantity) {
        Reserved answer = new Reserved();
        answer.commandId = command.commandId;
        answer.reservationId = command.reservationId;
        answer.orderId = command.orderId;
        answer.sku = command.sku;
        answer.warehouse = command.warehouse;
        answer.quantity = quantity;
        answer.atMs = move.atMs;
        return answer;
    }

    private static ReservationRejected rejected(Inventory.Move move, Reserve command) {
        ReservationRejected answer = new ReservationRejected();
        answer.commandId = command.commandId;
        answer.reservationId = command.reservationId;
        answer.orderId = command.orderId;
        answer.sku = command.sku;
        answer.warehouse = command.warehouse;
        answer.quantity = command.quantity;
        answer.shortfall = Math.max(0, command.quantity - Balances.sellableAt(move.stock, command.warehouse));
        answer.levels = move.stock == null ? List.of() : move.stock.levels;
        answer.atMs = move.atMs;
        return answer;
    }

    private static ReservationResolved resolved(Inventory.Move move, String commandId, Reservation of, Answer said) {
        ReservationResolved answer = new ReservationResolved();
        answer.commandId = commandId;
        answer.reservationId = of.reservationId;
        answer.orderId = of.orderId;
        answer.sku = of.sku;
        answer.warehouse = of.warehouse;
        answer.quantity = of.quantity;
        answer.answer = said;
        answer.atMs = move.atMs;
        return answer;
    }
}
