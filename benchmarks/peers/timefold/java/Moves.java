package peer;

import ai.timefold.solver.core.api.score.director.ScoreDirector;
import ai.timefold.solver.core.impl.heuristic.selector.move.factory.MoveIteratorFactory;
import java.util.Iterator;
import java.util.Random;

/**
 * Moves that leave the rules on sizes, leaders and rooms kept: a session opens with its leaders, its room and at least
 * the people it needs; it closes and its people go elsewhere; its leaders take up another one with other people.
 */
public final class Moves implements MoveIteratorFactory<Board, Patch> {
    /** How a patient may be seated: with a visit to spare; leaving a session that can do without; leaving any. */
    private enum Manner { SPARE, GENTLE, ROUGH }

    private static final int TRIES = 40;
    private static final Patch NONE = new Patch(new Visit[0], new Session[0], new Session[0], new Integer[0][]);

    private final Draft draft = new Draft();
    private Board board;
    private Facts facts;
    private Judge judge;
    private Random random;

    @Override
    public long getSize(ScoreDirector<Board> director) {
        return 1_000_000;
    }

    @Override
    public Iterator<Patch> createOriginalMoveIterator(ScoreDirector<Board> director) {
        throw new UnsupportedOperationException("only random moves");
    }

    @Override
    public Iterator<Patch> createRandomMoveIterator(ScoreDirector<Board> director, Random source) {
        board = director.getWorkingSolution();
        facts = board.facts;
        judge = board.judge;
        random = source;
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public Patch next() {
                return propose();
            }
        };
    }

    private Patch propose() {
        for (int i = 0; i < TRIES; i++) {
            draft.clear(board);
            if (thought()) {
                return draft.patch();
            }
        }
        return NONE;
    }

    private boolean thought() {
        int dice = random.nextInt(100);
        if (dice < 36) {
            return change(random.nextInt(facts.patients.length));
        } else if (dice < 48) {
            return changeOfNeedy();
        } else if (dice < 60) {
            return swap();
        } else if (dice < 63) {
            return drop();
        } else if (dice < 68) {
            return open(random.nextInt(facts.cells.length), null, -1, -1, -1);
        } else if (dice < 77) {
            return openForNeedy();
        } else if (dice < 81) {
            return close();
        } else if (dice < 90) {
            return replace();
        } else if (dice < 96) {
            return handOver();
        } else if (dice < 98) {
            return otherRoom();
        }
        return keepPin();
    }

    // ---- single people -----------------------------------------------------------------------------------------------

    private boolean change(int patient) {
        int[] cells = facts.patientCells[patient];
        return cells.length > 0 && join(patient, cells[random.nextInt(cells.length)]);
    }

    /** Somebody short of hours or of a planned group, preferably into such a group. */
    private boolean changeOfNeedy() {
        int patient = needy();
        int[] cells = patient < 0 ? new int[0] : facts.patientCells[patient];
        for (int i = 0; i < 8 && cells.length > 0; i++) {
            int cell = cells[random.nextInt(cells.length)];
            boolean wanted = !judge.isMissing(patient) || isMissing(patient, facts.cells[cell][1]);
            if (wanted && join(patient, cell)) {
                return true;
            }
        }
        return false;
    }

    private int needy() {
        for (int i = 0; i < 20; i++) {
            int patient = random.nextInt(facts.patients.length);
            if (judge.isMissing(patient) || judge.isShort(patient)) {
                return patient;
            }
        }
        return -1;
    }

    /** Into a running session of the cell; when it is full, somebody else leaves it. */
    private boolean join(int patient, int cell) {
        int[] slots = facts.cellSlots[cell];
        int from = slots.length == 0 ? 0 : random.nextInt(slots.length);
        for (int i = 0; i < slots.length; i++) {
            Session session = board.sessions.get(slots[(from + i) % slots.length]);
            if (draft.runs(session.id) && seat(patient, session, random.nextBoolean() ? Manner.GENTLE : Manner.ROUGH)) {
                if (draft.size(session.id) > draft.cap(session)) {
                    Bag here = judge.roster[session.id];
                    int leaving = here.items[random.nextInt(here.size)];
                    draft.put(leaving, null);
                    settle(board.visits.get(leaving).patient);
                }
                return true;
            }
        }
        return false;
    }

    private boolean swap() {
        Visit one = board.visits.get(random.nextInt(board.visits.size()));
        if (one.session == null) {
            return false;
        }
        int[] cells = facts.patientCells[one.patient];
        Session other = runningIn(cells[random.nextInt(cells.length)]);
        if (other == null || other == one.session) {
            return false;
        }
        Session left = one.session;
        Bag there = judge.roster[other.id];
        int leaving = there.items[random.nextInt(there.size)];
        int patient = board.visits.get(leaving).patient;
        if (!facts.eligible[patient][left.cell()]) {
            return false;
        }
        draft.put(one.id, null);
        draft.put(leaving, null);
        return seat(one.patient, other, Manner.ROUGH) && seat(patient, left, Manner.ROUGH);
    }

    private boolean drop() {
        Visit visit = board.visits.get(random.nextInt(board.visits.size()));
        if (visit.session == null || draft.size(visit.session.id) <= minOf(visit.session)) {
            return false;
        }
        draft.put(visit.id, null);
        return true;
    }

    private Session runningIn(int cell) {
        int[] slots = facts.cellSlots[cell];
        int from = slots.length == 0 ? 0 : random.nextInt(slots.length);
        for (int i = 0; i < slots.length; i++) {
            int slot = slots[(from + i) % slots.length];
            if (draft.runs(slot) && !draft.isClosed(slot)) {
                return board.sessions.get(slot);
            }
        }
        return null;
    }

    private int minOf(Session session) {
        return facts.groups[session.group()][Facts.MIN];
    }

    /** Seat a patient, moving the visit that stands in the way; false where the rules or the manner forbid it. */
    private boolean seat(int patient, Session session, Manner manner) {
        if (!facts.eligible[patient][session.cell()] || !mayMeet(patient, session)) {
            return false;
        }
        int block = session.block();
        int day = facts.blocks[block][Facts.DAY];
        int victim = -1;
        int spare = -1;
        int alike = -1;
        int today = 0;
        int repeats = 0;
        for (int v = facts.firstVisit[patient]; v < facts.firstVisit[patient + 1]; v++) {
            Session now = draft.at(v);
            if (now == null) {
                spare = v;
                continue;
            }
            if (now == session) {
                return false;
            }
            boolean full = facts.blocks[now.block()][Facts.DAY] == day && ++today >= facts.program[Facts.PER_DAY];
            if (full || facts.overlap[block][now.block()]) {
                if (victim >= 0) {
                    return false;
                }
                victim = v;
            }
            if (now.group() == session.group()) {
                repeats++;
                alike = v;
            }
        }
        int most = facts.groups[session.group()][Facts.REPEAT];
        boolean gone = victim >= 0 && draft.at(victim).group() == session.group();
        if (most >= 0 && repeats - (gone ? 1 : 0) >= most) {
            if (victim >= 0) {
                return false;
            }
            victim = alike;
        }
        return take(patient, session, manner, victim >= 0 ? victim : spare);
    }

    private boolean take(int patient, Session session, Manner manner, int found) {
        int visit = found;
        if (visit < 0) {
            int count = facts.firstVisit[patient + 1] - facts.firstVisit[patient];
            if (count == 0) {
                return false;
            }
            visit = facts.firstVisit[patient] + random.nextInt(count);
        }
        Session left = draft.at(visit);
        if (left != null && (manner == Manner.SPARE
                || manner == Manner.GENTLE && draft.size(left.id) <= minOf(left))) {
            return false;
        }
        draft.put(visit, session);
        return true;
    }

    private boolean mayMeet(int patient, Session session) {
        for (int therapist : facts.apartTherapists[patient]) {
            if (draft.isLedBy(session, therapist)) {
                return false;
            }
        }
        for (int other : facts.apartPatients[patient]) {
            for (int v = facts.firstVisit[other]; v < facts.firstVisit[other + 1]; v++) {
                if (draft.at(v) == session) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Give somebody who lost a place another one in a running session, if there is one. */
    private void settle(int patient) {
        int[] cells = facts.patientCells[patient];
        int from = cells.length == 0 ? 0 : random.nextInt(cells.length);
        for (int i = 0; i < cells.length; i++) {
            for (int slot : facts.cellSlots[cells[(from + i) % cells.length]]) {
                Session session = board.sessions.get(slot);
                if (draft.runs(slot) && !draft.isClosed(slot) && draft.size(slot) < draft.cap(session)
                        && seat(patient, session, Manner.SPARE)) {
                    return;
                }
            }
        }
    }

    private boolean isMissing(int patient, int group) {
        int[] needs = facts.required[patient];
        for (int i = 0; i < needs.length; i += 2) {
            if (needs[i] == group) {
                int given = 0;
                for (int v = facts.firstVisit[patient]; v < facts.firstVisit[patient + 1]; v++) {
                    Session now = draft.at(v);
                    given += now != null && now.group() == group ? 1 : 0;
                }
                return given < needs[i + 1];
            }
        }
        return false;
    }

    // ---- whole sessions ----------------------------------------------------------------------------------------------

    private Session running() {
        for (int i = 0; i < 30; i++) {
            int slot = random.nextInt(facts.slotCell.length);
            if (judge.isOpen(slot)) {
                return board.sessions.get(slot);
            }
        }
        return null;
    }

    private boolean close() {
        Session session = running();
        if (session == null) {
            return false;
        }
        for (int visit : draft.close(session)) {
            settle(board.visits.get(visit).patient);
        }
        return true;
    }

    /** The leader of a running session leads another one instead, with whoever of its people can come along. */
    private boolean replace() {
        Session session = running();
        if (session == null || session.first == null) {
            return false;
        }
        int[] cells = facts.therapistCells[session.first];
        int cell = cells[random.nextInt(cells.length)];
        return open(cell, session, session.first, -1, -1);
    }

    /** A session that somebody needs; its leader gives up another one for it where that must be. */
    private boolean openForNeedy() {
        int patient = needy();
        int[] cells = patient < 0 ? new int[0] : facts.patientCells[patient];
        for (int i = 0; i < 8 && cells.length > 0; i++) {
            int cell = cells[random.nextInt(cells.length)];
            int[] able = facts.cellTherapists[cell];
            if (!judge.isMissing(patient) || isMissing(patient, facts.cells[cell][1])) {
                int leader = able[random.nextInt(able.length)];
                return open(cell, givenUpBy(leader, facts.cells[cell][0]), leader, -1, patient);
            }
        }
        return false;
    }

    /** What a therapist cannot lead any more if they lead in the block; null when they have time. */
    private Session givenUpBy(int therapist, int block) {
        Bag led = judge.led[therapist];
        if (led.size == 0 || mayLead(therapist, block)) {
            return null;
        }
        int from = random.nextInt(led.size);
        Session any = null;
        for (int i = 0; i < led.size; i++) {
            int slot = led.items[(from + i) % led.size];
            if (judge.isOpen(slot)) {
                any = board.sessions.get(slot);
                if (facts.overlap[block][facts.blockOf(slot)]) {
                    return any;
                }
            }
        }
        return any;
    }

    private boolean keepPin() {
        if (facts.pins.length == 0) {
            return false;
        }
        int number = judge.brokenPin(random.nextInt(facts.pins.length));
        if (number < 0) {
            return false;
        }
        int[] pin = facts.pins[number];
        int cell = random.nextInt(facts.cells.length);
        for (int i = 0; i < facts.cells.length; i++, cell = (cell + 1) % facts.cells.length) {
            boolean fits = (pin[1] < 0 || facts.cells[cell][0] == pin[1]) && (pin[2] < 0 || facts.cells[cell][1] == pin[2]);
            if (fits && (pin[0] < 0 || facts.eligible[pin[0]][cell])) {
                break;
            }
        }
        for (int slot : facts.cellSlots[cell]) {
            Session session = board.sessions.get(slot);
            if (pin[0] >= 0 && draft.runs(slot) && Judge.matches(pin, session)) {
                return seat(pin[0], session, Manner.ROUGH);
            }
        }
        return open(cell, null, pin[3], pin[4], pin[0]);
    }

    /**
     * Open a session with leaders, a room and people.
     *
     * @param closing a session that closes for it, or null
     * @param leader who should lead, or -1
     * @param room where it should be, or -1
     * @param patient who must be in it, or -1
     */
    private boolean open(int cell, Session closing, int leader, int room, int patient) {
        Session session = null;
        for (int slot : facts.cellSlots[cell]) {
            if (!judge.isOpen(slot)) {
                session = board.sessions.get(slot);
                break;
            }
        }
        if (session == null) {
            return false;
        }
        int[] released = closing == null ? new int[0] : draft.close(closing);
        if (!staffUp(session, leader, room)) {
            return false;
        }
        if (patient >= 0 && !seat(patient, session, Manner.ROUGH)) {
            return false;
        }
        return fill(session, released);
    }

    private boolean staffUp(Session session, int leader, int room) {
        int block = session.block();
        int[] able = facts.cellTherapists[session.cell()];
        int first = leader >= 0 && Facts.has(able, leader) && mayLead(leader, block) ? leader : free(able, block, -1);
        if (first < 0) {
            return false;
        }
        int second = -1;
        if (facts.groups[session.group()][Facts.LEADERS] > 1) {
            second = free(able, block, first);
            if (second < 0) {
                return false;
            }
        }
        Integer place = null;
        if (facts.groups[session.group()][Facts.ONLINE] == 0) {
            int found = freeRoom(facts.cellRooms[session.cell()], block, room);
            if (found < 0) {
                return false;
            }
            place = found;
        }
        draft.staff(session, first, second < 0 ? null : second, place);
        return true;
    }

    private int free(int[] able, int block, int except) {
        int from = able.length == 0 ? 0 : random.nextInt(able.length);
        for (int i = 0; i < able.length; i++) {
            int therapist = able[(from + i) % able.length];
            if (therapist != except && mayLead(therapist, block)) {
                return therapist;
            }
        }
        return -1;
    }

    private boolean mayLead(int therapist, int block) {
        Bag led = judge.led[therapist];
        int load = 0;
        int today = 0;
        for (int i = 0; i < led.size; i++) {
            if (judge.isOpen(led.items[i]) && !draft.isClosed(led.items[i])) {
                int other = facts.blockOf(led.items[i]);
                if (facts.overlap[block][other] || facts.tooClose[block][other] || facts.tooClose[other][block]) {
                    return false;
                }
                load++;
                today += facts.blocks[block][Facts.DAY] == facts.blocks[other][Facts.DAY] ? 1 : 0;
            }
        }
        int[] row = facts.therapists[therapist];
        return (row[Facts.WEEK_MOST] < 0 || load < row[Facts.WEEK_MOST])
                && (row[Facts.DAY_MOST] < 0 || today < row[Facts.DAY_MOST]);
    }

    private int freeRoom(int[] able, int block, int wanted) {
        int from = able.length == 0 ? 0 : random.nextInt(able.length);
        for (int i = 0; i < able.length; i++) {
            int room = able[(from + i) % able.length];
            if ((wanted < 0 || wanted == room) && isFree(room, block)) {
                return room;
            }
        }
        return -1;
    }

    private boolean isFree(int room, int block) {
        Bag held = judge.held[room];
        for (int i = 0; i < held.size; i++) {
            int slot = held.items[i];
            if (judge.isOpen(slot) && !draft.isClosed(slot) && facts.overlap[block][facts.blockOf(slot)]) {
                return false;
            }
        }
        return true;
    }

    /** People for a new session: who was released for it, who needs it, who may as well come; the rest settle. */
    private boolean fill(Session session, int[] released) {
        int least = minOf(session);
        int most = draft.cap(session);
        int target = least + random.nextInt(Math.max(1, most - least + 1));
        for (int visit : released) {
            if (draft.size(session.id) < most && draft.at(visit) == null) {
                seat(board.visits.get(visit).patient, session, Manner.SPARE);
            }
        }
        gather(session, most, true, Manner.SPARE);
        gather(session, target, true, Manner.GENTLE);
        gather(session, target, false, Manner.GENTLE);
        if (draft.size(session.id) < least) {
            return false;
        }
        for (int visit : released) {
            if (draft.at(visit) == null) {
                settle(board.visits.get(visit).patient);
            }
        }
        return true;
    }

    private void gather(Session session, int size, boolean needy, Manner manner) {
        int[] able = facts.cellPatients[session.cell()];
        int from = able.length == 0 ? 0 : random.nextInt(able.length);
        for (int i = 0; i < able.length && draft.size(session.id) < size; i++) {
            int patient = able[(from + i) % able.length];
            boolean wants = isMissing(patient, session.group()) || manner == Manner.SPARE && judge.isShort(patient);
            if (!needy || wants) {
                seat(patient, session, manner);
            }
        }
    }

    /** Another leader; when they lead at that time already, the two change places. */
    private boolean handOver() {
        Session session = running();
        if (session == null || session.first == null) {
            return false;
        }
        boolean leads = session.second == null || random.nextBoolean();
        int[] able = facts.cellTherapists[session.cell()];
        int now = leads ? session.first : session.second;
        int next = able[random.nextInt(able.length)];
        if (session.isLedBy(next)) {
            return false;
        }
        Bag led = judge.led[next];
        for (int i = 0; i < led.size; i++) {
            Session other = board.sessions.get(led.items[i]);
            if (judge.isOpen(other.id) && facts.overlap[session.block()][other.block()]) {
                if (!Facts.has(facts.cellTherapists[other.cell()], now) || other.isLedBy(now)) {
                    return false;
                }
                give(other, next, now);
                break;
            }
        }
        give(session, now, next);
        return true;
    }

    private void give(Session session, int now, int next) {
        boolean leads = session.first != null && session.first == now;
        draft.staff(session, leads ? (Integer) next : session.first, leads ? session.second : (Integer) next,
                session.room);
    }

    private boolean otherRoom() {
        Session session = running();
        if (session == null || session.room == null) {
            return false;
        }
        int[] able = facts.cellRooms[session.cell()];
        int next = able[random.nextInt(able.length)];
        if (next == session.room) {
            return false;
        }
        Bag held = judge.held[next];
        for (int i = 0; i < held.size; i++) {
            Session other = board.sessions.get(held.items[i]);
            if (judge.isOpen(other.id) && facts.overlap[session.block()][other.block()]) {
                if (!Facts.has(facts.cellRooms[other.cell()], session.room)) {
                    return false;
                }
                draft.staff(other, other.first, other.second, session.room);
                break;
            }
        }
        draft.staff(session, session.first, session.second, next);
        return true;
    }
}
