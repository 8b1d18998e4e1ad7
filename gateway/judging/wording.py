"""What the clerk at the counter reads: first what was found, then what to do next. Short, plain, polite, in two languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gateway.contract.authority import Title
from gateway.model import Disposition, Reason

_FOUND: Final[Mapping[Reason, tuple[str, str]]] = {
    Reason.PERMIT_VALID: ("居住证在有效期内。", "The residence permit is valid."),
    Reason.PRIOR_SUBMISSION: (
        "以前办理证件时已提交过监护关系证明。",
        "A guardianship proof was accepted in an earlier application.",
    ),
    Reason.REGISTRY_GUARDIAN: (
        "户籍登记的监护人或父母就是这位监护人。",
        "The household registry names this adult as guardian or parent.",
    ),
    Reason.PARENT_HEAD: (
        "申请人与监护人同户，是户主的子女，监护人是户主。",
        "Both are in one household: the applicant is the child of its head, who is this adult.",
    ),
    Reason.PARENT_OF_HEAD: (
        "申请人与监护人同户，申请人是户主，监护人是户主的父母。",
        "Both are in one household: this adult is a parent of its head, who is the applicant.",
    ),
    Reason.SPOUSE_OF_HEAD: (
        "申请人与监护人同户，是户主的子女，监护人是户主的配偶。",
        "Both are in one household: the applicant is the child of its head, this adult the spouse.",
    ),
    Reason.DIRECT_KIN: (
        "直系亲属查询显示监护人是申请人的父母。",
        "The direct-kin record says that this adult is the applicant's parent.",
    ),
    Reason.INSURANCE_CONTINUOUS: (
        "社会保险已按规定月数连续缴费。",
        "Social insurance was paid for the required number of months in a row.",
    ),
    Reason.PERMIT_SUSPENDED: (
        "居住证未按期签注，使用功能已中止，补办签注后即可恢复。",
        "The residence permit was not endorsed in time and is suspended; a late endorsement restores it.",
    ),
    Reason.PERMIT_REPLACED: (
        "登记的居住证已换领或补领，该证不再有效。",
        "The residence permit on record was replaced by a newer one.",
    ),
    Reason.PERMIT_CANCELLED: ("居住证已注销。", "The residence permit was cancelled."),
    Reason.PERMIT_LOST: ("居住证已挂失。", "The residence permit is reported lost."),
    Reason.INSURANCE_TOO_SHORT: (
        "社会保险缴费未满规定月数。",
        "Social insurance was not paid for the required number of months.",
    ),
    Reason.INSURANCE_GAP: (
        "社会保险缴费月数够，但中间有断缴，没有连续满规定月数。",
        "Enough months of social insurance are paid, but not in a row: some in between are missing.",
    ),
    Reason.INSURANCE_LAPSED: (
        "社会保险曾连续缴满规定月数，但最近没有缴费。",
        "Social insurance was paid long enough, but not in the most recent months.",
    ),
    Reason.INSURANCE_STOPPED: (
        "社会保险缴费月数够，但目前已暂停或终止参保。",
        "Enough months of social insurance are paid, but the insurance is now suspended or has ended.",
    ),
    Reason.INSURANCE_ELSEWHERE: (
        "社会保险缴费月数够，但不都是在本地缴纳的。",
        "Enough months of social insurance are paid, but not all of them in this place.",
    ),
    Reason.NO_INSURANCE_ON_RECORD: (
        "社会保险系统答复：没有这位申请人的参保记录。",
        "The social insurance system answered that it holds no record of this applicant.",
    ),
    Reason.NO_PERMIT_ON_RECORD: (
        "居住证系统答复：没有这位申请人的居住证。",
        "The residence permit register answered that it holds no permit for this applicant.",
    ),
    Reason.NO_GUARDIAN_ON_RECORD: (
        "有关系统答复：没有能证明监护关系的记录。",
        "The records were searched and hold nothing that shows the guardianship.",
    ),
    Reason.OFFICER_CONFIRMED: (
        "工作人员已人工核实，记录与材料所证明的情况一致。",
        "An officer looked: the record says what the material would have said.",
    ),
    Reason.OFFICER_CONTRADICTED: (
        "工作人员已人工核实，记录与材料所证明的情况不一致。",
        "An officer looked: the record says otherwise.",
    ),
    Reason.OFFICER_NO_RECORD: (
        "工作人员已人工核实，没有查到记录。",
        "An officer looked and found no record.",
    ),
    Reason.RECORD_HOLDS: ("对方系统中的记录在申请日有效。", "The record holds on the day of the application."),
    Reason.RECORD_DOES_NOT_HOLD: (
        "对方系统中有记录，但在申请日不符合规定条件。",
        "There is a record, but on the day of the application it does not meet the conditions.",
    ),
    Reason.NO_SUCH_RECORD: (
        "对方系统答复：没有这位申请人的记录。",
        "The authority answered that it holds no such record of this applicant.",
    ),
    Reason.NEEDS_OFFICER: (
        "已查到的信息不足以自动确认。",
        "What was found is not enough to decide without a person.",
    ),
    Reason.CHANNELS_DIVERGE: (
        "同一部门的两个查询通道答复不一致，结论不同。",
        "Two channels of one authority gave different answers, and they do not mean the same.",
    ),
    Reason.LOCALITY_UNKNOWN: (
        "暂时无法确认申请人的户籍地。",
        "It could not be found out where the applicant is registered.",
    ),
    Reason.GUARDIAN_NOT_NAMED: (
        "未填写监护人，无法查询；补填监护人姓名和公民身份号码后可重新查询。",
        "No guardian was named, so nothing could be asked; add the guardian's name and number to ask again.",
    ),
    Reason.AMBIGUOUS: (
        "对方系统查到多条记录，或姓名显示不完整。",
        "Several records match, or a name came back incomplete.",
    ),
    Reason.UNREACHABLE: ("暂时连接不上对方系统。", "The other system cannot be reached at the moment."),
    Reason.TIMEOUT: ("对方系统未及时答复。", "The other system did not answer in time."),
    Reason.CIRCUIT_OPEN: (
        "对方系统近期故障较多，已暂停查询。",
        "The other system failed repeatedly, so it is not being asked for now.",
    ),
    Reason.BUSY: ("对方系统繁忙。", "The other system is too busy."),
    Reason.QUOTA_SPENT: ("本小时的查询次数已用完。", "This hour's number of queries is used up."),
    Reason.CLOSED_WINDOW: (
        "对方系统不在服务时间或正在维护。",
        "The other system is outside its hours or under maintenance.",
    ),
    Reason.DRAINED: ("管理员已暂停向对方系统查询。", "An administrator has taken this query out of use for now."),
    Reason.CONFIG_FAULT: (
        "对方系统拒绝了本系统的查询权限，需要技术人员处理。",
        "The other system refuses this gateway's access; the technicians must see to it.",
    ),
    Reason.BAD_REPLY: ("对方系统的答复无法识别。", "The other system's reply could not be understood."),
    Reason.BAD_SIGNATURE: (
        "对方答复的签名未通过验证，不能采信。",
        "The reply's signature did not verify, so the reply is not believed.",
    ),
    Reason.NOT_BOUND: (
        "对方的答复与本次查询不对应，不能采信。",
        "The reply belongs to another question, so it is not believed.",
    ),
    Reason.SUBJECT_MISMATCH: (
        "对方答复的姓名或号码与查询的人不一致，请先核对录入信息。",
        "The reply is about another name or number; please check what was typed in first.",
    ),
    Reason.LATE: ("对方的答复来得太晚，未计入本次结果。", "The reply came too late to count for this result."),
    Reason.NOT_REQUESTED: ("本次未向对方系统查询。", "The other system was not asked this time."),
    Reason.NOT_A_MINOR: (
        "申请人已达到规定年龄。",
        "The applicant is old enough not to need it.",
    ),
    Reason.LOCAL_APPLICANT: ("申请人是本地户籍。", "The applicant is registered locally."),
    Reason.OTHER_BASIS: (
        "按申请人的办理依据，不需要这份材料。",
        "The ground on which this applicant applies does not call for it.",
    ),
    Reason.ITEM_EXEMPT: (
        "所办理的证件或签注事项不需要这份材料。",
        "The documents or endorsements applied for do not call for it.",
    ),
}

_NEXT: Final[Mapping[Disposition, tuple[str, str]]] = {
    Disposition.WAIVED: ("这份材料免交。", "The applicant need not hand in this material."),
    Disposition.PAPER_REQUIRED: (
        "请一次性告知申请人需要提交的这份材料。",
        "Please ask the applicant for this material, and say at once all that it must hold.",
    ),
    Disposition.OFFICER_CHECK: (
        "请工作人员人工核实，不要让申请人回去开证明。",
        "An officer checks; do not send the applicant away for paper.",
    ),
    Disposition.NOT_APPLICABLE: ("这份材料不用提交。", "This material is not needed."),
}


def sentence(reason: Reason, disposition: Disposition) -> Title:
    """What was found and what to do next. The second half follows the disposition, because that is the policy's choice."""
    return _SENTENCES[reason, disposition]


_SENTENCES: Final[Mapping[tuple[Reason, Disposition], Title]] = {
    (reason, disposition): Title(zh=found[0] + following[0], en=f"{found[1]} {following[1]}")
    for reason, found in _FOUND.items()
    for disposition, following in _NEXT.items()
}
