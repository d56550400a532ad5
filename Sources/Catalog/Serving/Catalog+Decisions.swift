package import Core
import Foundation
import GRDB
package import Release

extension Transaction {
    package func addDecision(_ draft: DecisionDraft, to release: Int64, event: Int64) throws {
        try db.run(
            """
            INSERT INTO decision (release, sequence, event, rule, verdict, reason, inputs, inputs_digest, actor, at)
            SELECT ?1, coalesce(max(sequence), 0) + 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 FROM decision WHERE release = ?1
            """,
            [release, event, draft.rule, draft.verdict, draft.reason, draft.inputs, sha256(draft.inputs).column, actor, now.column])
    }

    package func addApproval(_ approval: Approval, isApproval: Bool, to release: Int64) throws {
        try db.run(
            "INSERT INTO approval (release, step, generation, lock, actor, is_approval, comment, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                release, approval.step, approval.generation, approval.lock.column, approval.actor, isApproval, approval.comment, now.column
            ])
    }
}

extension Snapshot {
    package func decisions(of row: Int64, id: ReleaseID, after: Int64, limit: Int) throws -> [DecisionFacts] {
        try db.all(
            """
            SELECT sequence, event, rule, verdict, reason, inputs, inputs_digest, actor, at FROM decision
            WHERE release = ? AND sequence > ? ORDER BY sequence LIMIT ?
            """, [row, after, limit]
        ).map {
            DecisionFacts(
                release: id, sequence: $0[0], event: $0[1], draft: DecisionDraft(rule: $0[2], verdict: $0[3], reason: $0[4], inputs: $0[5]),
                inputsDigest: Digest(column: $0[6]), actor: $0[7], at: Instant(column: $0[8]))
        }
    }

    package func approvals(of row: Int64, id: ReleaseID) throws -> [ApprovalFacts] {
        try db.all("SELECT step, generation, lock, actor, is_approval, comment, at FROM approval WHERE release = ? ORDER BY id", [row]).map {
            ApprovalFacts(
                release: id, step: $0[0], generation: $0[1], lock: Digest(column: $0[2]), actor: $0[3], isApproval: $0[4], comment: $0[5],
                at: Instant(column: $0[6]))
        }
    }
}
