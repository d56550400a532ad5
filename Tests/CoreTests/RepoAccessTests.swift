import Core
import Testing

@Suite("who may do what in a repo")
struct RepoAccessTests {
    enum Answer: Sendable { case yes, signIn, hidden, no }
    typealias Row = (who: Principal, granted: Role?, isPrivate: Bool, answers: [Answer])

    static func user(_ ceiling: Role = .admin, site: Bool = false) -> Principal {
        Principal(user: .init(id: 7, name: "ada", isSiteAdmin: site, ceiling: ceiling))
    }

    /// Answers to reading, writing and administering.
    static let table: [Row] = [
        (.anonymous, nil, false, [.yes, .signIn, .signIn]),
        (.anonymous, nil, true, [.hidden, .hidden, .hidden]),
        // Nobody signed in holds no role, whatever a row may claim.
        (.anonymous, .admin, true, [.hidden, .hidden, .hidden]),
        (user(), nil, false, [.yes, .no, .no]),
        (user(), nil, true, [.hidden, .hidden, .hidden]),
        (user(), .reader, false, [.yes, .no, .no]),
        (user(), .reader, true, [.yes, .no, .no]),
        (user(), .writer, true, [.yes, .yes, .no]),
        (user(), .admin, true, [.yes, .yes, .yes]),
        (user(.reader), .admin, true, [.yes, .no, .no]),
        (user(.writer), .admin, false, [.yes, .yes, .no]),
        (user(.writer), .reader, true, [.yes, .no, .no]),
        (user(.reader), nil, true, [.hidden, .hidden, .hidden]),
        (user(site: true), nil, true, [.yes, .yes, .yes]),
        (user(.writer, site: true), nil, true, [.yes, .yes, .no]),
        (user(.reader, site: true), nil, true, [.yes, .no, .no])
    ]

    @Test("the table", arguments: table.indices)
    func require(_ index: Int) throws {
        let row = Self.table[index]
        let access = RepoAccess(repo: try RepoName(parsing: "acme/whale"), isPrivate: row.isPrivate, granted: row.granted)
        for (role, expected) in zip(Role.allCases, row.answers) {
            let answer: Answer
            do {
                try access.require(role, for: row.who)
                answer = .yes
            } catch {
                switch error.code {
                case .unauthenticated: answer = .signIn
                case .unknownRepo: answer = .hidden
                default:
                    #expect(error.code == .notPermitted)
                    answer = .no
                }
            }
            #expect(answer == expected, "row \(index), \(role)")
        }
    }

    @Test("a refusal says whether the token or the role is too small")
    func sentence() throws {
        let access = RepoAccess(repo: try RepoName(parsing: "acme/whale"), isPrivate: false, granted: .admin)
        let narrowed = #expect(throws: HubError.self) { try access.require(.writer, for: Self.user(.reader)) }
        #expect(narrowed?.message.contains("this token allows only reader") == true)
        let stranger = RepoAccess(repo: access.repo, isPrivate: false, granted: nil)
        let refused = #expect(throws: HubError.self) { try stranger.require(.writer, for: Self.user()) }
        #expect(refused?.message.contains("ask an admin of acme") == true)
    }

    @Test("roles are ordered, and parse only as they are written")
    func roles() throws {
        #expect(Role.reader < .writer && .writer < .admin)
        #expect(try Role(parsing: "writer") == .writer)
        for text in ["", "Writer", "owner"] { #expect(throws: HubError.self) { try Role(parsing: text) } }
    }
}
